$( Theorems without a good proof of their own, and such as rest on them. $)
$c ( ) -> F. wff |- $.
$v ph ps ch $.
wph $f wff ph $.
wps $f wff ps $.
wch $f wff ch $.
wi $a wff ( ph -> ps ) $.
wfal $a wff F. $.
${ mp.1 $e |- ph $. mp.2 $e |- ( ph -> ps ) $. mp $a |- ps $. $}
a1 $a |- ( ph -> ( ps -> ph ) ) $.
a2 $a |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $.
efq $a |- ( F. -> ph ) $.
bad $p |- F. $= wfal $.
open $p |- ( ph -> ps ) $= ? $.
thru $p |- ( ps -> ph ) $= wps wph open $.
wopen $p wff ( ph -> ph ) $= ? $.
syn $p |- ( ( ph -> ph ) -> ( ps -> ( ph -> ph ) ) ) $= wph wopen wps a1 $.
