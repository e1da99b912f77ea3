$c w $. t $p w $= ( ) A $.
