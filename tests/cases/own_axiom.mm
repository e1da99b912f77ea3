$( A database with an axiom that says anything. $)
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
evil $a |- ph $.
