$c w $. $v p $. wp $f w p $. t $p w p $= ( ) A $.
