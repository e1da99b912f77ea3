$( A starter curriculum in propositional calculus for Metadream.

   The database states axioms for the usual connectives and a list of
   theorems whose proofs are all unknown.  A learner has to find the proofs
   from the axioms, from the hypotheses of the theorem at hand, and from
   lemmas that it made out of proofs it found before.  The theorems of the
   list are not premises for one another. $)

$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                            The language and the axioms
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                                  Formulas
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

$c ( ) -> -. wff |- $.
$c <-> /\ \/ \/_ T. F. $.
$v ph ps ch th ta et ze $.

$( The variables stand for arbitrary formulas. $)
wph $f wff ph $.
wps $f wff ps $.
wch $f wff ch $.
wth $f wff th $.
wta $f wff ta $.
wet $f wff et $.
wze $f wff ze $.

$( Negation: "not". $)
wn $a wff -. ph $.
$( Implication: "if ... then ...". $)
wi $a wff ( ph -> ps ) $.
$( Equivalence, or biconditional: "if and only if". $)
wb $a wff ( ph <-> ps ) $.
$( Conjunction: "and". $)
wa $a wff ( ph /\ ps ) $.
$( Disjunction: "or", both allowed. $)
wo $a wff ( ph \/ ps ) $.
$( Truth, the constant that always holds. $)
wtru $a wff T. $.
$( Falsehood, the constant that never holds. $)
wfal $a wff F. $.
$( Conjunction of three formulas. $)
w3a $a wff ( ph /\ ps /\ ch ) $.
$( Exclusive disjunction: "either ... or ...", not both. $)
wxo $a wff ( ph \/_ ps ) $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                                   Axioms
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  min $e |- ph $.
  maj $e |- ( ph -> ps ) $.
  $( Detachment (modus ponens), the only rule of inference. $)
  ax-mp $a |- ps $.
$}

$( Weakening: what holds also holds under an assumption. $)
ax-1 $a |- ( ph -> ( ps -> ph ) ) $.
$( Distribution of an antecedent over an implication. $)
ax-2 $a |- ( ( ph -> ( ps -> ch ) ) -> ( ( ph -> ps ) -> ( ph -> ch ) ) ) $.
$( Contraposition: negated sides are swapped and lose their negations. $)
ax-3 $a |- ( ( -. ph -> -. ps ) -> ( ps -> ph ) ) $.

$( An equivalence gives its forward implication. $)
ax-bi1 $a |- ( ( ph <-> ps ) -> ( ph -> ps ) ) $.
$( An equivalence gives its backward implication. $)
ax-bi2 $a |- ( ( ph <-> ps ) -> ( ps -> ph ) ) $.
$( Implications both ways give an equivalence. $)
ax-bi3 $a |- ( ( ph -> ps ) -> ( ( ps -> ph ) -> ( ph <-> ps ) ) ) $.

$( A conjunction gives its left part. $)
ax-anl $a |- ( ( ph /\ ps ) -> ph ) $.
$( A conjunction gives its right part. $)
ax-anr $a |- ( ( ph /\ ps ) -> ps ) $.
$( Two formulas give their conjunction. $)
ax-an $a |- ( ph -> ( ps -> ( ph /\ ps ) ) ) $.

$( A disjunction follows from its left part. $)
ax-orl $a |- ( ph -> ( ph \/ ps ) ) $.
$( A disjunction follows from its right part. $)
ax-orr $a |- ( ps -> ( ph \/ ps ) ) $.
$( What follows from both parts follows from the disjunction. $)
ax-or $a |- ( ( ph -> ch ) -> ( ( ps -> ch ) -> ( ( ph \/ ps ) -> ch ) ) ) $.

$( Truth holds. $)
ax-tru $a |- T. $.
$( Falsehood implies everything. $)
ax-fal $a |- ( F. -> ph ) $.
$( What implies falsehood is refuted. $)
ax-neg $a |- ( ( ph -> F. ) -> -. ph ) $.

$( A ternary conjunction is a conjunction nested to the left. $)
ax-3an $a |- ( ( ph /\ ps /\ ch ) <-> ( ( ph /\ ps ) /\ ch ) ) $.
$( Exclusive disjunction denies equivalence. $)
ax-xor $a |- ( ( ph \/_ ps ) <-> -. ( ph <-> ps ) ) $.

$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                              Part I: first steps
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
         Implication: instances of the axioms and one-line inferences
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( A proposition follows from itself under itself. $)
  a1self $p |- ( ph -> ( ph -> ph ) ) $= ? $.

  $( An implication may be weakened by an antecedent. $)
  a1imp $p |- ( ( ph -> ps ) -> ( ch -> ( ph -> ps ) ) ) $= ? $.

  $( A proposition follows when an implication is assumed too. $)
  a1arr $p |- ( ph -> ( ( ps -> ch ) -> ph ) ) $= ? $.

  $( Distribution of a repeated antecedent. $)
  a2self $p |- ( ( ph -> ( ph -> ps ) ) -> ( ( ph -> ph ) -> ( ph -> ps ) ) )
      $= ? $.

${
  mpimp.1 $e |- ph $.
  mpimp.2 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Detach the outer antecedent of a nested implication. $)
  mpimp $p |- ( ps -> ch ) $= ? $.
$}

${
  a1i.1 $e |- ph $.
  $( Add an antecedent to a theorem. $)
  a1i $p |- ( ps -> ph ) $= ? $.
$}

${
  a1imi.1 $e |- ( ph -> ps ) $.
  $( Add an antecedent to a proved implication. $)
  a1imi $p |- ( ch -> ( ph -> ps ) ) $= ? $.
$}

${
  a2i.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Distribute an antecedent, as an inference. $)
  a2i $p |- ( ( ph -> ps ) -> ( ph -> ch ) ) $= ? $.
$}

${
  mp2.1 $e |- ph $.
  mp2.2 $e |- ps $.
  mp2.3 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Detach two antecedents. $)
  mp2 $p |- ch $= ? $.
$}

${
  mp2b.1 $e |- ph $.
  mp2b.2 $e |- ( ph -> ps ) $.
  mp2b.3 $e |- ( ps -> ch ) $.
  $( Detach along a chain of two implications. $)
  mp2b $p |- ch $= ? $.
$}

${
  mpdup.1 $e |- ph $.
  mpdup.2 $e |- ( ph -> ( ph -> ps ) ) $.
  $( Detach the same antecedent twice. $)
  mpdup $p |- ps $= ? $.
$}

${
  mpax1.1 $e |- ( ( ph -> ( ps -> ph ) ) -> ch ) $.
  $( Discharge a weakening law that stands as an antecedent. $)
  mpax1 $p |- ch $= ? $.
$}

${
  mp3.1 $e |- ph $.
  mp3.2 $e |- ps $.
  mp3.3 $e |- ch $.
  mp3.4 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Detach three antecedents. $)
  mp3 $p |- th $= ? $.
$}

${
  mp3b.1 $e |- ph $.
  mp3b.2 $e |- ( ph -> ps ) $.
  mp3b.3 $e |- ( ps -> ch ) $.
  mp3b.4 $e |- ( ch -> th ) $.
  $( Detach along a chain of three implications. $)
  mp3b $p |- th $= ? $.
$}

${
  mpa1i.1 $e |- ph $.
  mpa1i.2 $e |- ( ph -> ps ) $.
  $( Detach, then add an antecedent. $)
  mpa1i $p |- ( ch -> ps ) $= ? $.
$}

${
  a1mp.1 $e |- ph $.
  a1mp.2 $e |- ( ( ps -> ph ) -> ch ) $.
  $( Detach from an antecedent that is weakened first. $)
  a1mp $p |- ch $= ? $.
$}

${
  a2mp.1 $e |- ( ph -> ( ps -> ch ) ) $.
  a2mp.2 $e |- ( ( ( ph -> ps ) -> ( ph -> ch ) ) -> th ) $.
  $( Detach from an antecedent that is distributed first. $)
  a2mp $p |- th $= ? $.
$}

${
  mp2a.1 $e |- ph $.
  mp2a.2 $e |- ( ph -> ps ) $.
  mp2a.3 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Detach a theorem and its consequence. $)
  mp2a $p |- ch $= ? $.
$}

${
  mpd.1 $e |- ( ph -> ps ) $.
  mpd.2 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Detachment under a common antecedent. $)
  mpd $p |- ( ph -> ch ) $= ? $.
$}

  $( The weakening axiom under an extra antecedent. $)
  a1w $p |- ( ph -> ( ps -> ( ch -> ps ) ) ) $= ? $.

  $( The distribution axiom under an extra antecedent. $)
  a2w $p |- ( ph -> ( ( ps -> ( ch -> th ) ) -> ( ( ps -> ch ) -> ( ps -> th )
      ) ) ) $= ? $.

  $( Any implication yields the identity of its antecedent. $)
  a2id $p |- ( ( ph -> ps ) -> ( ph -> ph ) ) $= ? $.

${
  2a1i.1 $e |- ph $.
  $( Add two antecedents to a theorem. $)
  2a1i $p |- ( ps -> ( ch -> ph ) ) $= ? $.
$}

${
  imim2i.1 $e |- ( ph -> ps ) $.
  $( Put a common antecedent before both sides of an implication. $)
  imim2i $p |- ( ( ch -> ph ) -> ( ch -> ps ) ) $= ? $.
$}

${
  a1mp2.1 $e |- ph $.
  a1mp2.2 $e |- ps $.
  a1mp2.3 $e |- ( ( ch -> ph ) -> ( ps -> th ) ) $.
  $( Detach a weakened theorem and then another one. $)
  a1mp2 $p |- th $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                 Negation and the truth constants: first steps
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Contraposition with equal sides. $)
  ax3self $p |- ( ( -. ph -> -. ph ) -> ( ph -> ph ) ) $= ? $.

  $( Falsehood implies itself. $)
  falself $p |- ( F. -> F. ) $= ? $.

${
  con4i.1 $e |- ( -. ph -> -. ps ) $.
  $( Remove negations from both sides while swapping them. $)
  con4i $p |- ( ps -> ph ) $= ? $.
$}

${
  mpfal.1 $e |- F. $.
  $( Anything follows once falsehood is proved. $)
  mpfal $p |- ph $= ? $.
$}

${
  negfali.1 $e |- ( ph -> F. ) $.
  $( A proposition that implies falsehood is refuted. $)
  negfali $p |- -. ph $= ? $.
$}

${
  mptru.1 $e |- ( T. -> ph ) $.
  $( Drop the antecedent that is true. $)
  mptru $p |- ph $= ? $.
$}

${
  mt4.1 $e |- ph $.
  mt4.2 $e |- ( -. ps -> -. ph ) $.
  $( Detach from a contrapositive. $)
  mt4 $p |- ps $= ? $.
$}

  $( Contraposition under an extra antecedent. $)
  ax3w $p |- ( ph -> ( ( -. ps -> -. ch ) -> ( ch -> ps ) ) ) $= ? $.

  $( Truth follows from anything. $)
  trud $p |- ( ph -> T. ) $= ? $.

  $( Falsehood is refuted. $)
  fal $p |- -. F. $= ? $.

${
  falmp2.1 $e |- ph $.
  falmp2.2 $e |- ( ph -> F. ) $.
  $( Anything follows from a theorem that implies falsehood. $)
  falmp2 $p |- ps $= ? $.
$}

${
  pm2.21i.1 $e |- -. ph $.
  $( Anything follows from a refuted proposition. $)
  pm2.21i $p |- ( ph -> ps ) $= ? $.
$}

${
  pm2.24ii.1 $e |- ph $.
  pm2.24ii.2 $e |- -. ph $.
  $( Anything follows from a contradiction. $)
  pm2.24ii $p |- ps $= ? $.
$}

  $( Falsehood is refuted under any antecedent. $)
  nfalw $p |- ( ph -> -. F. ) $= ? $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                          Biconditional: first steps
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Forward half of a trivial equivalence. $)
  bi1self $p |- ( ( ph <-> ph ) -> ( ph -> ph ) ) $= ? $.

  $( Backward half of an equivalence with an implication. $)
  bi2im $p |- ( ( ph <-> ( ps -> ch ) ) -> ( ( ps -> ch ) -> ph ) ) $= ? $.

${
  biimpi.1 $e |- ( ph <-> ps ) $.
  $( Forward half of an equivalence, as an inference. $)
  biimpi $p |- ( ph -> ps ) $= ? $.
$}

${
  biimpri.1 $e |- ( ph <-> ps ) $.
  $( Backward half of an equivalence, as an inference. $)
  biimpri $p |- ( ps -> ph ) $= ? $.
$}

${
  impbipi.1 $e |- ( ph -> ps ) $.
  $( One half of an equivalence leaves the other half to show. $)
  impbipi $p |- ( ( ps -> ph ) -> ( ph <-> ps ) ) $= ? $.
$}

${
  mpbi.1 $e |- ph $.
  mpbi.2 $e |- ( ph <-> ps ) $.
  $( Detach along an equivalence. $)
  mpbi $p |- ps $= ? $.
$}

${
  mpbir.1 $e |- ph $.
  mpbir.2 $e |- ( ps <-> ph ) $.
  $( Detach backwards along an equivalence. $)
  mpbir $p |- ps $= ? $.
$}

${
  impbii.1 $e |- ( ph -> ps ) $.
  impbii.2 $e |- ( ps -> ph ) $.
  $( An equivalence from its two halves. $)
  impbii $p |- ( ph <-> ps ) $= ? $.
$}

  $( Forward half of an equivalence under an antecedent. $)
  bi1w $p |- ( ph -> ( ( ps <-> ch ) -> ( ps -> ch ) ) ) $= ? $.

  $( Backward half of an equivalence under an antecedent. $)
  bi2w $p |- ( ph -> ( ( ps <-> ch ) -> ( ch -> ps ) ) ) $= ? $.

${
  mpbiim.1 $e |- ph $.
  mpbiim.2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Detach an equivalence and take its forward half. $)
  mpbiim $p |- ( ps -> ch ) $= ? $.
$}

${
  mpbiimr.1 $e |- ph $.
  mpbiimr.2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Detach an equivalence and take its backward half. $)
  mpbiimr $p |- ( ch -> ps ) $= ? $.
$}

${
  mpbi1.1 $e |- ( ph <-> ps ) $.
  mpbi1.2 $e |- ( ( ph -> ps ) -> ch ) $.
  $( Detach from the forward half of an equivalence. $)
  mpbi1 $p |- ch $= ? $.
$}

${
  mpbi2.1 $e |- ( ph <-> ps ) $.
  mpbi2.2 $e |- ( ( ps -> ph ) -> ch ) $.
  $( Detach from the backward half of an equivalence. $)
  mpbi2 $p |- ch $= ? $.
$}

${
  mp2bi.1 $e |- ph $.
  mp2bi.2 $e |- ps $.
  mp2bi.3 $e |- ( ph <-> ( ps -> ch ) ) $.
  $( Detach an equivalence with an implication, then its antecedent. $)
  mp2bi $p |- ch $= ? $.
$}

${
  a1bii.1 $e |- ( ph <-> ps ) $.
  $( Add an antecedent to the forward half of an equivalence. $)
  a1bii $p |- ( ch -> ( ph -> ps ) ) $= ? $.
$}

${
  biimpa2.1 $e |- ( ph <-> ( ps -> ch ) ) $.
  $( Distribute an antecedent over an equivalent implication. $)
  biimpa2 $p |- ( ( ph -> ps ) -> ( ph -> ch ) ) $= ? $.
$}

${
  mpbi3.1 $e |- ph $.
  mpbi3.2 $e |- ( ph <-> ps ) $.
  mpbi3.3 $e |- ( ps <-> ch ) $.
  $( Detach along a chain of two equivalences. $)
  mpbi3 $p |- ch $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                           Conjunction: first steps
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( A doubled conjunct may be dropped. $)
  anself $p |- ( ( ph /\ ph ) -> ph ) $= ? $.

  $( Left part of a conjunction nested to the left. $)
  simplnest $p |- ( ( ( ph /\ ps ) /\ ch ) -> ( ph /\ ps ) ) $= ? $.

${
  simpli.1 $e |- ( ph /\ ps ) $.
  $( Left part of a conjunction, as an inference. $)
  simpli $p |- ph $= ? $.
$}

${
  simpri.1 $e |- ( ph /\ ps ) $.
  $( Right part of a conjunction, as an inference. $)
  simpri $p |- ps $= ? $.
$}

${
  pm3.2ia.1 $e |- ph $.
  $( Join a theorem on the left of a proposition. $)
  pm3.2ia $p |- ( ps -> ( ph /\ ps ) ) $= ? $.
$}

${
  pm3.2i.1 $e |- ph $.
  pm3.2i.2 $e |- ps $.
  $( Join two theorems. $)
  pm3.2i $p |- ( ph /\ ps ) $= ? $.
$}

  $( Left part of a conjunction under an antecedent. $)
  simplw $p |- ( ph -> ( ( ps /\ ch ) -> ps ) ) $= ? $.

  $( Right part of a conjunction under an antecedent. $)
  simprw $p |- ( ph -> ( ( ps /\ ch ) -> ch ) ) $= ? $.

${
  mpsimpl.1 $e |- ( ph /\ ps ) $.
  mpsimpl.2 $e |- ( ph -> ch ) $.
  $( Detach the left part of a conjunction. $)
  mpsimpl $p |- ch $= ? $.
$}

${
  mpsimpr.1 $e |- ( ph /\ ps ) $.
  mpsimpr.2 $e |- ( ps -> ch ) $.
  $( Detach the right part of a conjunction. $)
  mpsimpr $p |- ch $= ? $.
$}

${
  mpsimpld.1 $e |- ph $.
  mpsimpld.2 $e |- ( ph -> ( ps /\ ch ) ) $.
  $( Detach a theorem that gives a conjunction; keep its left part. $)
  mpsimpld $p |- ps $= ? $.
$}

${
  mp2an.1 $e |- ph $.
  mp2an.2 $e |- ps $.
  mp2an.3 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Detach a conjunction of two theorems. $)
  mp2an $p |- ch $= ? $.
$}

${
  mpjca.1 $e |- ph $.
  mpjca.2 $e |- ( ph -> ps ) $.
  $( Join a theorem with a consequence of it. $)
  mpjca $p |- ( ph /\ ps ) $= ? $.
$}

${
  mpjcr.1 $e |- ph $.
  mpjcr.2 $e |- ( ph -> ps ) $.
  $( Join a consequence with the theorem it comes from. $)
  mpjcr $p |- ( ps /\ ph ) $= ? $.
$}

${
  simplli.1 $e |- ( ( ph /\ ps ) /\ ch ) $.
  $( First part of a conjunction nested to the left. $)
  simplli $p |- ph $= ? $.
$}

${
  simplri.1 $e |- ( ( ph /\ ps ) /\ ch ) $.
  $( Second part of a conjunction nested to the left. $)
  simplri $p |- ps $= ? $.
$}

${
  simprli.1 $e |- ( ph /\ ( ps /\ ch ) ) $.
  $( Second part of a conjunction nested to the right. $)
  simprli $p |- ps $= ? $.
$}

${
  simprri.1 $e |- ( ph /\ ( ps /\ ch ) ) $.
  $( Last part of a conjunction nested to the right. $)
  simprri $p |- ch $= ? $.
$}

${
  anbil.1 $e |- ( ( ph <-> ps ) /\ ch ) $.
  $( Forward half of an equivalence that is a left conjunct. $)
  anbil $p |- ( ph -> ps ) $= ? $.
$}

${
  anmp.1 $e |- ( ph /\ ( ph -> ps ) ) $.
  $( Detachment inside a conjunction. $)
  anmp $p |- ps $= ? $.
$}

${
  anmp2.1 $e |- ( ph /\ ps ) $.
  anmp2.2 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Detach both parts of a conjunction. $)
  anmp2 $p |- ch $= ? $.
$}

${
  3anjca.1 $e |- ph $.
  3anjca.2 $e |- ps $.
  3anjca.3 $e |- ch $.
  $( Join three theorems. $)
  3anjca $p |- ( ( ph /\ ps ) /\ ch ) $= ? $.
$}

${
  3anjcr.1 $e |- ph $.
  3anjcr.2 $e |- ps $.
  3anjcr.3 $e |- ch $.
  $( Join three theorems, nested to the right. $)
  3anjcr $p |- ( ph /\ ( ps /\ ch ) ) $= ? $.
$}

${
  ancomi.1 $e |- ( ph /\ ps ) $.
  $( Swap the parts of a conjunction, as an inference. $)
  ancomi $p |- ( ps /\ ph ) $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                           Disjunction: first steps
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( A proposition implies its doubled disjunction. $)
  orself $p |- ( ph -> ( ph \/ ph ) ) $= ? $.

  $( Introduce a nested disjunction on the right. $)
  orcnest $p |- ( ph -> ( ph \/ ( ps \/ ch ) ) ) $= ? $.

${
  orci.1 $e |- ph $.
  $( Introduce a disjunct on the right, as an inference. $)
  orci $p |- ( ph \/ ps ) $= ? $.
$}

${
  olci.1 $e |- ph $.
  $( Introduce a disjunct on the left, as an inference. $)
  olci $p |- ( ps \/ ph ) $= ? $.
$}

${
  jaoim.1 $e |- ( ph -> ps ) $.
  $( Start of an argument by cases. $)
  jaoim $p |- ( ( ch -> ps ) -> ( ( ph \/ ch ) -> ps ) ) $= ? $.
$}

${
  jaoi.1 $e |- ( ph -> ch ) $.
  jaoi.2 $e |- ( ps -> ch ) $.
  $( Argument by cases, as an inference. $)
  jaoi $p |- ( ( ph \/ ps ) -> ch ) $= ? $.
$}

${
  jaoself.1 $e |- ( ph -> ps ) $.
  $( Argument by two equal cases. $)
  jaoself $p |- ( ( ph \/ ph ) -> ps ) $= ? $.
$}

  $( Introduce a disjunct on the right, under an antecedent. $)
  orcw $p |- ( ph -> ( ps -> ( ps \/ ch ) ) ) $= ? $.

  $( Introduce a disjunct on the left, under an antecedent. $)
  olcw $p |- ( ph -> ( ps -> ( ch \/ ps ) ) ) $= ? $.

${
  mporc.1 $e |- ph $.
  mporc.2 $e |- ( ( ph \/ ps ) -> ch ) $.
  $( Detach a disjunction known from its left part. $)
  mporc $p |- ch $= ? $.
$}

${
  mporci.1 $e |- ph $.
  mporci.2 $e |- ( ph -> ps ) $.
  $( Detach and introduce a disjunct. $)
  mporci $p |- ( ps \/ ch ) $= ? $.
$}

${
  mpjaoi.1 $e |- ( ph \/ ps ) $.
  mpjaoi.2 $e |- ( ph -> ch ) $.
  mpjaoi.3 $e |- ( ps -> ch ) $.
  $( A proved disjunction and both cases give the conclusion. $)
  mpjaoi $p |- ch $= ? $.
$}

${
  olcii.1 $e |- ph $.
  $( Introduce two disjuncts on the left. $)
  olcii $p |- ( ps \/ ( ch \/ ph ) ) $= ? $.
$}

${
  orcoli.1 $e |- ph $.
  $( Introduce a disjunct on the right and one on the left. $)
  orcoli $p |- ( ps \/ ( ph \/ ch ) ) $= ? $.
$}

${
  simplorc.1 $e |- ( ph /\ ps ) $.
  $( From a conjunction to a disjunction by the left part. $)
  simplorc $p |- ( ph \/ ch ) $= ? $.
$}

  $( A common left conjunct of two cases. $)
  jaoan $p |- ( ( ( ph /\ ps ) \/ ( ph /\ ch ) ) -> ph ) $= ? $.

${
  jao3i.1 $e |- ( ph -> th ) $.
  jao3i.2 $e |- ( ps -> th ) $.
  jao3i.3 $e |- ( ch -> th ) $.
  $( Argument by three cases. $)
  jao3i $p |- ( ( ( ph \/ ps ) \/ ch ) -> th ) $= ? $.
$}

$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                             Part II: implication
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                            Implication: syllogisms
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  syl.1 $e |- ( ph -> ps ) $.
  syl.2 $e |- ( ps -> ch ) $.
  $( Transitivity of implication, as an inference. $)
  syl $p |- ( ph -> ch ) $= ? $.
$}

  $( Every proposition implies itself. $)
  id $p |- ( ph -> ph ) $= ? $.

${
  mpi.1 $e |- ph $.
  mpi.2 $e |- ( ps -> ( ph -> ch ) ) $.
  $( Detach a theorem from a nested antecedent. $)
  mpi $p |- ( ps -> ch ) $= ? $.
$}

${
  a1d.1 $e |- ( ph -> ps ) $.
  $( Add an inner antecedent to the consequent. $)
  a1d $p |- ( ph -> ( ch -> ps ) ) $= ? $.
$}

${
  a2d.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Distribute an inner antecedent, in a deduction. $)
  a2d $p |- ( ph -> ( ( ps -> ch ) -> ( ps -> th ) ) ) $= ? $.
$}

${
  mp2d.1 $e |- ( ph -> ps ) $.
  mp2d.2 $e |- ( ph -> ch ) $.
  mp2d.3 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Detach two antecedents in a deduction. $)
  mp2d $p |- ( ph -> th ) $= ? $.
$}

${
  mpsyl.1 $e |- ph $.
  mpsyl.2 $e |- ( ps -> ch ) $.
  mpsyl.3 $e |- ( ph -> ( ch -> th ) ) $.
  $( Detach a theorem, then chain. $)
  mpsyl $p |- ( ps -> th ) $= ? $.
$}

${
  jarri.1 $e |- ( ( ph -> ps ) -> ch ) $.
  $( Drop the inner antecedent of a nested antecedent. $)
  jarri $p |- ( ps -> ch ) $= ? $.
$}

  $( Identity under an antecedent. $)
  idd $p |- ( ph -> ( ps -> ps ) ) $= ? $.

  $( Put a common antecedent before both sides, as a theorem. $)
  imim2 $p |- ( ( ph -> ps ) -> ( ( ch -> ph ) -> ( ch -> ps ) ) ) $= ? $.

${
  sylcom.1 $e |- ( ph -> ( ps -> ch ) ) $.
  sylcom.2 $e |- ( ps -> ( ch -> th ) ) $.
  $( Chain two nested implications with the antecedents shared. $)
  sylcom $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  pm2.43i.1 $e |- ( ph -> ( ph -> ps ) ) $.
  $( Merge a doubled antecedent, as an inference. $)
  pm2.43i $p |- ( ph -> ps ) $= ? $.
$}

${
  sylc.1 $e |- ( ph -> ps ) $.
  sylc.2 $e |- ( ph -> ch ) $.
  sylc.3 $e |- ( ps -> ( ch -> th ) ) $.
  $( Two consequences of one antecedent feed a nested implication. $)
  sylc $p |- ( ph -> th ) $= ? $.
$}

${
  com12.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Swap two antecedents, as an inference. $)
  com12 $p |- ( ps -> ( ph -> ch ) ) $= ? $.
$}

${
  mp3d.1 $e |- ( ph -> ps ) $.
  mp3d.2 $e |- ( ph -> ch ) $.
  mp3d.3 $e |- ( ph -> th ) $.
  mp3d.4 $e |- ( ph -> ( ps -> ( ch -> ( th -> ta ) ) ) ) $.
  $( Detach three antecedents in a deduction. $)
  mp3d $p |- ( ph -> ta ) $= ? $.
$}

${
  syl6.1 $e |- ( ph -> ( ps -> ch ) ) $.
  syl6.2 $e |- ( ch -> th ) $.
  $( Chain at the inner consequent. $)
  syl6 $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  mpisyl.1 $e |- ( ph -> ps ) $.
  mpisyl.2 $e |- ch $.
  mpisyl.3 $e |- ( ps -> ( ch -> th ) ) $.
  $( Chain after a theorem has been detached. $)
  mpisyl $p |- ( ph -> th ) $= ? $.
$}

${
  3syl.1 $e |- ( ph -> ps ) $.
  3syl.2 $e |- ( ps -> ch ) $.
  3syl.3 $e |- ( ch -> th ) $.
  $( A chain of three implications. $)
  3syl $p |- ( ph -> th ) $= ? $.
$}

${
  mpcom.1 $e |- ( ps -> ph ) $.
  mpcom.2 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Detach in a deduction where the antecedents are swapped. $)
  mpcom $p |- ( ps -> ch ) $= ? $.
$}

${
  2a1d.1 $e |- ( ph -> ps ) $.
  $( Add two inner antecedents to the consequent. $)
  2a1d $p |- ( ph -> ( ch -> ( th -> ps ) ) ) $= ? $.
$}

${
  imim1i.1 $e |- ( ph -> ps ) $.
  $( Put a common consequent after both sides of an implication. $)
  imim1i $p |- ( ( ps -> ch ) -> ( ph -> ch ) ) $= ? $.
$}

${
  syli.1 $e |- ( ps -> ( ph -> ch ) ) $.
  syli.2 $e |- ( ch -> ( ph -> th ) ) $.
  $( Chain at the inner consequent, with a shared inner antecedent. $)
  syli $p |- ( ps -> ( ph -> th ) ) $= ? $.
$}

${
  syl5.1 $e |- ( ph -> ps ) $.
  syl5.2 $e |- ( ch -> ( ps -> th ) ) $.
  $( Chain at the inner antecedent. $)
  syl5 $p |- ( ch -> ( ph -> th ) ) $= ? $.
$}

${
  syl5com.1 $e |- ( ph -> ps ) $.
  syl5com.2 $e |- ( ch -> ( ps -> th ) ) $.
  $( Chain at the inner antecedent and swap. $)
  syl5com $p |- ( ph -> ( ch -> th ) ) $= ? $.
$}

${
  4syl.1 $e |- ( ph -> ps ) $.
  4syl.2 $e |- ( ps -> ch ) $.
  4syl.3 $e |- ( ch -> th ) $.
  4syl.4 $e |- ( th -> ta ) $.
  $( A chain of four implications. $)
  4syl $p |- ( ph -> ta ) $= ? $.
$}

${
  syl2im.1 $e |- ( ph -> ps ) $.
  syl2im.2 $e |- ( ch -> th ) $.
  syl2im.3 $e |- ( ps -> ( th -> ta ) ) $.
  $( Chain at both antecedents of a nested implication. $)
  syl2im $p |- ( ph -> ( ch -> ta ) ) $= ? $.
$}

${
  imim12i.1 $e |- ( ph -> ps ) $.
  imim12i.2 $e |- ( ch -> th ) $.
  $( Join two implications at their far ends. $)
  imim12i $p |- ( ( ps -> ch ) -> ( ph -> th ) ) $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                Implication: deductions with nested antecedents
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  mpdd.1 $e |- ( ph -> ( ps -> ch ) ) $.
  mpdd.2 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Detachment under two antecedents. $)
  mpdd $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  pm2.43a.1 $e |- ( ps -> ( ph -> ( ps -> ch ) ) ) $.
  $( Merge the outer antecedent with an inner copy. $)
  pm2.43a $p |- ( ps -> ( ph -> ch ) ) $= ? $.
$}

${
  imim3i.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Distribute an antecedent over a chained consequent. $)
  imim3i $p |- ( ( th -> ph ) -> ( ( th -> ps ) -> ( th -> ch ) ) ) $= ? $.
$}

${
  mpdi.1 $e |- ( ps -> ch ) $.
  mpdi.2 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Detach a consequence of the inner antecedent. $)
  mpdi $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  imim2d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Put a common antecedent before both sides, in a deduction. $)
  imim2d $p |- ( ph -> ( ( th -> ps ) -> ( th -> ch ) ) ) $= ? $.
$}

${
  pm2.43d.1 $e |- ( ph -> ( ps -> ( ps -> ch ) ) ) $.
  $( Merge a doubled inner antecedent, in a deduction. $)
  pm2.43d $p |- ( ph -> ( ps -> ch ) ) $= ? $.
$}

${
  mpid.1 $e |- ( ph -> ch ) $.
  mpid.2 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Detach a consequence of the outer antecedent. $)
  mpid $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  syld.1 $e |- ( ph -> ( ps -> ch ) ) $.
  syld.2 $e |- ( ph -> ( ch -> th ) ) $.
  $( Transitivity of implication, in a deduction. $)
  syld $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  syl6c.1 $e |- ( ph -> ( ps -> ch ) ) $.
  syl6c.2 $e |- ( ph -> ( ps -> th ) ) $.
  syl6c.3 $e |- ( ch -> ( th -> ta ) ) $.
  $( Two nested consequences feed a nested implication. $)
  syl6c $p |- ( ph -> ( ps -> ta ) ) $= ? $.
$}

${
  imim1d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Put a common consequent after both sides, in a deduction. $)
  imim1d $p |- ( ph -> ( ( ch -> th ) -> ( ps -> th ) ) ) $= ? $.
$}

${
  com23.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Swap the second and third antecedents. $)
  com23 $p |- ( ph -> ( ch -> ( ps -> th ) ) ) $= ? $.
$}

${
  com3r.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Rotate three antecedents to the right. $)
  com3r $p |- ( ch -> ( ph -> ( ps -> th ) ) ) $= ? $.
$}

${
  com3l.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Rotate three antecedents to the left. $)
  com3l $p |- ( ps -> ( ch -> ( ph -> th ) ) ) $= ? $.
$}

${
  3syld.1 $e |- ( ph -> ( ps -> ch ) ) $.
  3syld.2 $e |- ( ph -> ( ch -> th ) ) $.
  3syld.3 $e |- ( ph -> ( th -> ta ) ) $.
  $( A chain of three implications, in a deduction. $)
  3syld $p |- ( ph -> ( ps -> ta ) ) $= ? $.
$}

${
  syl5d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  syl5d.2 $e |- ( ph -> ( th -> ( ch -> ta ) ) ) $.
  $( Chain at the second inner antecedent, in a deduction. $)
  syl5d $p |- ( ph -> ( th -> ( ps -> ta ) ) ) $= ? $.
$}

${
  syl8.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  syl8.2 $e |- ( th -> ta ) $.
  $( Chain at the innermost consequent. $)
  syl8 $p |- ( ph -> ( ps -> ( ch -> ta ) ) ) $= ? $.
$}

${
  syldd.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  syldd.2 $e |- ( ph -> ( ps -> ( th -> ta ) ) ) $.
  $( Transitivity of implication under two antecedents. $)
  syldd $p |- ( ph -> ( ps -> ( ch -> ta ) ) ) $= ? $.
$}

${
  syl9.1 $e |- ( ph -> ( ps -> ch ) ) $.
  syl9.2 $e |- ( th -> ( ch -> ta ) ) $.
  $( Chain two nested implications with separate outer antecedents. $)
  syl9 $p |- ( ph -> ( th -> ( ps -> ta ) ) ) $= ? $.
$}

${
  imim12d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  imim12d.2 $e |- ( ph -> ( th -> ta ) ) $.
  $( Join two implications at their far ends, in a deduction. $)
  imim12d $p |- ( ph -> ( ( ch -> th ) -> ( ps -> ta ) ) ) $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                           Implication: closed laws
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Merge a doubled antecedent, as a theorem. $)
  pm2.43 $p |- ( ( ph -> ( ph -> ps ) ) -> ( ph -> ps ) ) $= ? $.

  $( Detachment under an antecedent, as a theorem. $)
  pm2.77im $p |- ( ( ph -> ps ) -> ( ( ph -> ( ps -> ch ) ) -> ( ph -> ch ) ) )
      $= ? $.

  $( Detachment stated as a theorem. $)
  pm2.27 $p |- ( ph -> ( ( ph -> ps ) -> ps ) ) $= ? $.

  $( Put a common consequent after both sides, as a theorem. $)
  imim1 $p |- ( ( ph -> ps ) -> ( ( ps -> ch ) -> ( ph -> ch ) ) ) $= ? $.

  $( Swap two antecedents, as a theorem. $)
  pm2.04 $p |- ( ( ph -> ( ps -> ch ) ) -> ( ps -> ( ph -> ch ) ) ) $= ? $.

  $( Drop the inner antecedent of a nested antecedent, as a theorem. $)
  jarr $p |- ( ( ( ph -> ps ) -> ch ) -> ( ps -> ch ) ) $= ? $.

${
  pm2.86i.1 $e |- ( ( ph -> ps ) -> ( ph -> ch ) ) $.
  $( Undo the distribution of an antecedent, as an inference. $)
  pm2.86i $p |- ( ph -> ( ps -> ch ) ) $= ? $.
$}

  $( Triple consequents reduce to one. $)
  pm2.27w $p |- ( ( ( ( ph -> ps ) -> ps ) -> ps ) -> ( ph -> ps ) ) $= ? $.

$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                Part III: deductions with the other connectives
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                    Conjunction: inferences and deductions
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  simpld.1 $e |- ( ph -> ( ps /\ ch ) ) $.
  $( Left part of a conjunction, in a deduction. $)
  simpld $p |- ( ph -> ps ) $= ? $.
$}

${
  simprd.1 $e |- ( ph -> ( ps /\ ch ) ) $.
  $( Right part of a conjunction, in a deduction. $)
  simprd $p |- ( ph -> ch ) $= ? $.
$}

${
  adantr.1 $e |- ( ph -> ps ) $.
  $( Add a conjunct on the right of an antecedent. $)
  adantr $p |- ( ( ph /\ ch ) -> ps ) $= ? $.
$}

${
  adantl.1 $e |- ( ph -> ps ) $.
  $( Add a conjunct on the left of an antecedent. $)
  adantl $p |- ( ( ch /\ ph ) -> ps ) $= ? $.
$}

  $( First part of a conjunction nested to the left. $)
  simpll $p |- ( ( ( ph /\ ps ) /\ ch ) -> ph ) $= ? $.

  $( Second part of a conjunction nested to the right. $)
  simprl $p |- ( ( ph /\ ( ps /\ ch ) ) -> ps ) $= ? $.

${
  mpan.1 $e |- ph $.
  mpan.2 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Detach a theorem that is the left conjunct. $)
  mpan $p |- ( ps -> ch ) $= ? $.
$}

${
  jctl.1 $e |- ps $.
  jctl.2 $e |- ( ph -> ch ) $.
  $( Join a theorem on the left of a consequent. $)
  jctl $p |- ( ph -> ( ps /\ ch ) ) $= ? $.
$}

${
  jca.1 $e |- ( ph -> ps ) $.
  jca.2 $e |- ( ph -> ch ) $.
  $( Join two consequences of one antecedent. $)
  jca $p |- ( ph -> ( ps /\ ch ) ) $= ? $.
$}

${
  imp.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Import: merge two antecedents into a conjunction. $)
  imp $p |- ( ( ph /\ ps ) -> ch ) $= ? $.
$}

${
  impcom.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Import with the conjuncts swapped. $)
  impcom $p |- ( ( ps /\ ph ) -> ch ) $= ? $.
$}

${
  ex.1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Export: split a conjunction into two antecedents. $)
  ex $p |- ( ph -> ( ps -> ch ) ) $= ? $.
$}

  $( Conjunction commutes, one direction. $)
  pm3.22 $p |- ( ( ph /\ ps ) -> ( ps /\ ph ) ) $= ? $.

${
  mpan2.1 $e |- ps $.
  mpan2.2 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Detach a theorem that is the right conjunct. $)
  mpan2 $p |- ( ph -> ch ) $= ? $.
$}

${
  expcom.1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Export with the antecedents swapped. $)
  expcom $p |- ( ps -> ( ph -> ch ) ) $= ? $.
$}

${
  ancoms.1 $e |- ( ( ph /\ ps ) -> ch ) $.
  $( Swap the conjuncts of an antecedent. $)
  ancoms $p |- ( ( ps /\ ph ) -> ch ) $= ? $.
$}

${
  syl2anc.1 $e |- ( ph -> ps ) $.
  syl2anc.2 $e |- ( ph -> ch ) $.
  syl2anc.3 $e |- ( ( ps /\ ch ) -> th ) $.
  $( Two consequences of one antecedent feed a conjunction. $)
  syl2anc $p |- ( ph -> th ) $= ? $.
$}

${
  sylan.1 $e |- ( ph -> ps ) $.
  sylan.2 $e |- ( ( ps /\ ch ) -> th ) $.
  $( Chain at the left conjunct of an antecedent. $)
  sylan $p |- ( ( ph /\ ch ) -> th ) $= ? $.
$}

${
  sylan2.1 $e |- ( ph -> ps ) $.
  sylan2.2 $e |- ( ( ch /\ ps ) -> th ) $.
  $( Chain at the right conjunct of an antecedent. $)
  sylan2 $p |- ( ( ch /\ ph ) -> th ) $= ? $.
$}

${
  syl2an.1 $e |- ( ph -> ps ) $.
  syl2an.2 $e |- ( ch -> th ) $.
  syl2an.3 $e |- ( ( ps /\ th ) -> ta ) $.
  $( Chain at both conjuncts of an antecedent. $)
  syl2an $p |- ( ( ph /\ ch ) -> ta ) $= ? $.
$}

${
  anim1i.1 $e |- ( ph -> ps ) $.
  $( Add a common conjunct on the right of an implication. $)
  anim1i $p |- ( ( ph /\ ch ) -> ( ps /\ ch ) ) $= ? $.
$}

${
  anim2i.1 $e |- ( ph -> ps ) $.
  $( Add a common conjunct on the left of an implication. $)
  anim2i $p |- ( ( ch /\ ph ) -> ( ch /\ ps ) ) $= ? $.
$}

${
  anim12i.1 $e |- ( ph -> ps ) $.
  anim12i.2 $e |- ( ch -> th ) $.
  $( Conjoin two implications. $)
  anim12i $p |- ( ( ph /\ ch ) -> ( ps /\ th ) ) $= ? $.
$}

${
  anim12d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  anim12d.2 $e |- ( ph -> ( th -> ta ) ) $.
  $( Conjoin two implications, in a deduction. $)
  anim12d $p |- ( ph -> ( ( ps /\ th ) -> ( ch /\ ta ) ) ) $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                    Disjunction: inferences and deductions
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Disjunction commutes, one direction. $)
  pm1.4 $p |- ( ( ph \/ ps ) -> ( ps \/ ph ) ) $= ? $.

${
  orcd.1 $e |- ( ph -> ps ) $.
  $( Introduce a disjunct on the right, in a deduction. $)
  orcd $p |- ( ph -> ( ps \/ ch ) ) $= ? $.
$}

${
  olcd.1 $e |- ( ph -> ps ) $.
  $( Introduce a disjunct on the left, in a deduction. $)
  olcd $p |- ( ph -> ( ch \/ ps ) ) $= ? $.
$}

${
  orcs.1 $e |- ( ( ph \/ ps ) -> ch ) $.
  $( Keep the left case of an antecedent. $)
  orcs $p |- ( ph -> ch ) $= ? $.
$}

${
  orcomi.1 $e |- ( ph \/ ps ) $.
  $( Swap the parts of a disjunction, as an inference. $)
  orcomi $p |- ( ps \/ ph ) $= ? $.
$}

${
  jaod.1 $e |- ( ph -> ( ps -> th ) ) $.
  jaod.2 $e |- ( ph -> ( ch -> th ) ) $.
  $( Argument by cases, in a deduction. $)
  jaod $p |- ( ph -> ( ( ps \/ ch ) -> th ) ) $= ? $.
$}

  $( A doubled disjunction implies the proposition. $)
  pm1.2 $p |- ( ( ph \/ ph ) -> ph ) $= ? $.

${
  orim1i.1 $e |- ( ph -> ps ) $.
  $( Add a common disjunct on the right of an implication. $)
  orim1i $p |- ( ( ph \/ ch ) -> ( ps \/ ch ) ) $= ? $.
$}

${
  orim2i.1 $e |- ( ph -> ps ) $.
  $( Add a common disjunct on the left of an implication. $)
  orim2i $p |- ( ( ch \/ ph ) -> ( ch \/ ps ) ) $= ? $.
$}

${
  mpjaod.1 $e |- ( ph -> ( ps \/ ch ) ) $.
  mpjaod.2 $e |- ( ph -> ( ps -> th ) ) $.
  mpjaod.3 $e |- ( ph -> ( ch -> th ) ) $.
  $( A disjunction and both cases, in a deduction. $)
  mpjaod $p |- ( ph -> th ) $= ? $.
$}

${
  orim12i.1 $e |- ( ph -> ps ) $.
  orim12i.2 $e |- ( ch -> th ) $.
  $( Disjoin two implications. $)
  orim12i $p |- ( ( ph \/ ch ) -> ( ps \/ th ) ) $= ? $.
$}

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                   Biconditional: inferences and deductions
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  biimpd.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Forward half of an equivalence, in a deduction. $)
  biimpd $p |- ( ph -> ( ps -> ch ) ) $= ? $.
$}

${
  biimprd.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Backward half of an equivalence, in a deduction. $)
  biimprd $p |- ( ph -> ( ch -> ps ) ) $= ? $.
$}

${
  bicomi.1 $e |- ( ph <-> ps ) $.
  $( Equivalence is symmetric, as an inference. $)
  bicomi $p |- ( ps <-> ph ) $= ? $.
$}

${
  sylbi.1 $e |- ( ph <-> ps ) $.
  sylbi.2 $e |- ( ps -> ch ) $.
  $( Chain an equivalence and an implication. $)
  sylbi $p |- ( ph -> ch ) $= ? $.
$}

${
  sylib.1 $e |- ( ph -> ps ) $.
  sylib.2 $e |- ( ps <-> ch ) $.
  $( Chain an implication and an equivalence. $)
  sylib $p |- ( ph -> ch ) $= ? $.
$}

${
  sylbir.1 $e |- ( ps <-> ph ) $.
  sylbir.2 $e |- ( ps -> ch ) $.
  $( Chain a reversed equivalence and an implication. $)
  sylbir $p |- ( ph -> ch ) $= ? $.
$}

${
  sylibr.1 $e |- ( ph -> ps ) $.
  sylibr.2 $e |- ( ch <-> ps ) $.
  $( Chain an implication and a reversed equivalence. $)
  sylibr $p |- ( ph -> ch ) $= ? $.
$}

${
  2th.1 $e |- ph $.
  2th.2 $e |- ps $.
  $( Two theorems are equivalent. $)
  2th $p |- ( ph <-> ps ) $= ? $.
$}

${
  impbid.1 $e |- ( ph -> ( ps -> ch ) ) $.
  impbid.2 $e |- ( ph -> ( ch -> ps ) ) $.
  $( An equivalence from its two halves, in a deduction. $)
  impbid $p |- ( ph -> ( ps <-> ch ) ) $= ? $.
$}

${
  mpbid.1 $e |- ( ph -> ps ) $.
  mpbid.2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Detach along an equivalence, in a deduction. $)
  mpbid $p |- ( ph -> ch ) $= ? $.
$}

${
  mpbird.1 $e |- ( ph -> ch ) $.
  mpbird.2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Detach backwards along an equivalence, in a deduction. $)
  mpbird $p |- ( ph -> ps ) $= ? $.
$}

${
  mpbii.1 $e |- ps $.
  mpbii.2 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Detach a theorem from an equivalence in a deduction. $)
  mpbii $p |- ( ph -> ch ) $= ? $.
$}

${
  syl6ib.1 $e |- ( ph -> ( ps -> ch ) ) $.
  syl6ib.2 $e |- ( ch <-> th ) $.
  $( Chain an equivalence at the inner consequent. $)
  syl6ib $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

  $( Equivalence is symmetric, one direction. $)
  bicom1 $p |- ( ( ph <-> ps ) -> ( ps <-> ph ) ) $= ? $.

${
  2false.1 $e |- -. ph $.
  2false.2 $e |- -. ps $.
  $( Two refuted propositions are equivalent. $)
  2false $p |- ( ph <-> ps ) $= ? $.
$}

  $( Equivalence is reflexive. $)
  biid $p |- ( ph <-> ph ) $= ? $.

${
  bitri.1 $e |- ( ph <-> ps ) $.
  bitri.2 $e |- ( ps <-> ch ) $.
  $( Equivalence is transitive, as an inference. $)
  bitri $p |- ( ph <-> ch ) $= ? $.
$}

${
  bitr3i.1 $e |- ( ps <-> ph ) $.
  bitr3i.2 $e |- ( ps <-> ch ) $.
  $( Transitivity of equivalence from a common left side. $)
  bitr3i $p |- ( ph <-> ch ) $= ? $.
$}

${
  bitr4i.1 $e |- ( ph <-> ps ) $.
  bitr4i.2 $e |- ( ch <-> ps ) $.
  $( Transitivity of equivalence to a common right side. $)
  bitr4i $p |- ( ph <-> ch ) $= ? $.
$}

${
  3bitri.1 $e |- ( ph <-> ps ) $.
  3bitri.2 $e |- ( ps <-> ch ) $.
  3bitri.3 $e |- ( ch <-> th ) $.
  $( A chain of three equivalences. $)
  3bitri $p |- ( ph <-> th ) $= ? $.
$}

${
  3imtr4i.1 $e |- ( ph -> ps ) $.
  3imtr4i.2 $e |- ( ch <-> ph ) $.
  3imtr4i.3 $e |- ( th <-> ps ) $.
  $( Replace both ends of an implication by equivalents. $)
  3imtr4i $p |- ( ch -> th ) $= ? $.
$}

${
  biimpcd.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Swap after taking the forward half of an equivalence. $)
  biimpcd $p |- ( ps -> ( ph -> ch ) ) $= ? $.
$}

${
  syl5bi.1 $e |- ( ph <-> ps ) $.
  syl5bi.2 $e |- ( ch -> ( ps -> th ) ) $.
  $( Chain an equivalence at the inner antecedent. $)
  syl5bi $p |- ( ch -> ( ph -> th ) ) $= ? $.
$}

${
  sylbid.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  sylbid.2 $e |- ( ph -> ( ch -> th ) ) $.
  $( Chain an equivalence and an implication, in a deduction. $)
  sylbid $p |- ( ph -> ( ps -> th ) ) $= ? $.
$}

${
  bitrd.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  bitrd.2 $e |- ( ph -> ( ch <-> th ) ) $.
  $( Equivalence is transitive, in a deduction. $)
  bitrd $p |- ( ph -> ( ps <-> th ) ) $= ? $.
$}

${
  bicomd.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Equivalence is symmetric, in a deduction. $)
  bicomd $p |- ( ph -> ( ch <-> ps ) ) $= ? $.
$}

$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                               Part IV: negation
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                                   Negation
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  con4d.1 $e |- ( ph -> ( -. ps -> -. ch ) ) $.
  $( Remove negations while swapping sides, in a deduction. $)
  con4d $p |- ( ph -> ( ch -> ps ) ) $= ? $.
$}

${
  negfald.1 $e |- ( ph -> ( ps -> F. ) ) $.
  $( A proposition is refuted, in a deduction, when it gives falsehood. $)
  negfald $p |- ( ph -> -. ps ) $= ? $.
$}

  $( A refuted proposition implies anything. $)
  pm2.21 $p |- ( -. ph -> ( ph -> ps ) ) $= ? $.

${
  notnotri.1 $e |- -. -. ph $.
  $( Remove a double negation, as an inference. $)
  notnotri $p |- ph $= ? $.
$}

${
  pm2.21d.1 $e |- ( ph -> -. ps ) $.
  $( Anything follows from a refutation, in a deduction. $)
  pm2.21d $p |- ( ph -> ( ps -> ch ) ) $= ? $.
$}

  $( A proposition and its negation imply anything. $)
  pm2.24 $p |- ( ph -> ( -. ph -> ps ) ) $= ? $.

${
  pm2.18i.1 $e |- ( -. ph -> ph ) $.
  $( A proposition implied by its own negation holds. $)
  pm2.18i $p |- ph $= ? $.
$}

  $( A proposition implied by its own negation holds, as a theorem. $)
  pm2.18 $p |- ( ( -. ph -> ph ) -> ph ) $= ? $.

${
  pm2.18d.1 $e |- ( ph -> ( -. ps -> ps ) ) $.
  $( Reasoning from the negation of the goal, in a deduction. $)
  pm2.18d $p |- ( ph -> ps ) $= ? $.
$}

  $( A double negation implies the proposition. $)
  notnotr $p |- ( -. -. ph -> ph ) $= ? $.

  $( A proposition implies its double negation. $)
  notnot $p |- ( ph -> -. -. ph ) $= ? $.

${
  notnoti.1 $e |- ph $.
  $( Add a double negation, as an inference. $)
  notnoti $p |- -. -. ph $= ? $.
$}

${
  notnotd.1 $e |- ( ph -> ps ) $.
  $( Add a double negation, in a deduction. $)
  notnotd $p |- ( ph -> -. -. ps ) $= ? $.
$}

  $( Contraposition with a negated consequent, as a theorem. $)
  con2 $p |- ( ( ph -> -. ps ) -> ( ps -> -. ph ) ) $= ? $.

  $( Contraposition, as a theorem. $)
  con3 $p |- ( ( ph -> ps ) -> ( -. ps -> -. ph ) ) $= ? $.

  $( Contraposition with a negated antecedent, as a theorem. $)
  con1 $p |- ( ( -. ph -> ps ) -> ( -. ps -> ph ) ) $= ? $.

${
  con2i.1 $e |- ( ph -> -. ps ) $.
  $( Contraposition with a negated consequent. $)
  con2i $p |- ( ps -> -. ph ) $= ? $.
$}

${
  con1i.1 $e |- ( -. ph -> ps ) $.
  $( Contraposition with a negated antecedent. $)
  con1i $p |- ( -. ps -> ph ) $= ? $.
$}

${
  con3i.1 $e |- ( ph -> ps ) $.
  $( Contraposition, as an inference. $)
  con3i $p |- ( -. ps -> -. ph ) $= ? $.
$}

${
  con2d.1 $e |- ( ph -> ( ps -> -. ch ) ) $.
  $( Contraposition with a negated consequent, in a deduction. $)
  con2d $p |- ( ph -> ( ch -> -. ps ) ) $= ? $.
$}

${
  con1d.1 $e |- ( ph -> ( -. ps -> ch ) ) $.
  $( Contraposition with a negated antecedent, in a deduction. $)
  con1d $p |- ( ph -> ( -. ch -> ps ) ) $= ? $.
$}

${
  con3d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  $( Contraposition, in a deduction. $)
  con3d $p |- ( ph -> ( -. ch -> -. ps ) ) $= ? $.
$}

${
  pm2.61i.1 $e |- ( ph -> ps ) $.
  pm2.61i.2 $e |- ( -. ph -> ps ) $.
  $( Two opposite cases give a theorem. $)
  pm2.61i $p |- ps $= ? $.
$}

${
  mto.1 $e |- -. ps $.
  mto.2 $e |- ( ph -> ps ) $.
  $( Refute a proposition by refuting a consequence. $)
  mto $p |- -. ph $= ? $.
$}

${
  pm2.61d.1 $e |- ( ph -> ( ps -> ch ) ) $.
  pm2.61d.2 $e |- ( ph -> ( -. ps -> ch ) ) $.
  $( Two opposite cases, in a deduction. $)
  pm2.61d $p |- ( ph -> ch ) $= ? $.
$}

  $( A proposition that implies its own negation is refuted. $)
  pm2.01 $p |- ( ( ph -> -. ph ) -> -. ph ) $= ? $.

${
  pm2.65i.1 $e |- ( ph -> ps ) $.
  pm2.65i.2 $e |- ( ph -> -. ps ) $.
  $( Refute a proposition with contradictory consequences. $)
  pm2.65i $p |- -. ph $= ? $.
$}

  $( Two opposite cases, as a theorem. $)
  pm2.61 $p |- ( ( ph -> ps ) -> ( ( -. ph -> ps ) -> ps ) ) $= ? $.

  $( A failed implication has a true antecedent. $)
  simplim $p |- ( -. ( ph -> ps ) -> ph ) $= ? $.

  $( The negated consequent of a failed implication. $)
  simprim $p |- ( -. ( ph -> -. ps ) -> ps ) $= ? $.

${
  nsyl.1 $e |- ( ph -> -. ps ) $.
  nsyl.2 $e |- ( ch -> ps ) $.
  $( Chain with a negated middle term. $)
  nsyl $p |- ( ph -> -. ch ) $= ? $.
$}

${
  ja.1 $e |- ( -. ph -> ch ) $.
  ja.2 $e |- ( ps -> ch ) $.
  $( Two cases that make up an implication. $)
  ja $p |- ( ( ph -> ps ) -> ch ) $= ? $.
$}

  $( The law of Peirce. $)
  peirce $p |- ( ( ( ph -> ps ) -> ph ) -> ph ) $= ? $.

$(
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
                                 Part V: laws
#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#*#
$)

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                            Truth constants in laws
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Falsehood absorbs a conjunction. $)
  anfal $p |- ( ( ph /\ F. ) <-> F. ) $= ? $.

  $( Truth is neutral in a conjunction. $)
  truan $p |- ( ( T. /\ ph ) <-> ph ) $= ? $.

${
  bitru.1 $e |- ph $.
  $( A theorem is equivalent to truth. $)
  bitru $p |- ( ph <-> T. ) $= ? $.
$}

  $( Negation is the implication of falsehood. $)
  dfnot $p |- ( -. ph <-> ( ph -> F. ) ) $= ? $.

  $( Negated falsehood is truth. $)
  notfal $p |- ( -. F. <-> T. ) $= ? $.

  $( Negated truth is falsehood. $)
  nottru $p |- ( -. T. <-> F. ) $= ? $.

  $( Falsehood is neutral in a disjunction. $)
  orfal $p |- ( ( ph \/ F. ) <-> ph ) $= ? $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                      Biconditional: laws of replacement
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( A doubled antecedent is equivalent to a single one. $)
  pm5.4 $p |- ( ( ph -> ( ph -> ps ) ) <-> ( ph -> ps ) ) $= ? $.

  $( Equivalence is symmetric. $)
  bicom $p |- ( ( ph <-> ps ) <-> ( ps <-> ph ) ) $= ? $.

${
  notbii.1 $e |- ( ph <-> ps ) $.
  $( Equivalent propositions have equivalent negations. $)
  notbii $p |- ( -. ph <-> -. ps ) $= ? $.
$}

${
  notbid.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Negations of equivalents, in a deduction. $)
  notbid $p |- ( ph -> ( -. ps <-> -. ch ) ) $= ? $.
$}

  $( A proposition is equivalent to its double negation. $)
  notnotb $p |- ( ph <-> -. -. ph ) $= ? $.

  $( An implication is equivalent to its contrapositive. $)
  con34b $p |- ( ( ph -> ps ) <-> ( -. ps -> -. ph ) ) $= ? $.

${
  imbi2i.1 $e |- ( ph <-> ps ) $.
  $( Replace the consequent of an implication by an equivalent. $)
  imbi2i $p |- ( ( ch -> ph ) <-> ( ch -> ps ) ) $= ? $.
$}

${
  imbi1i.1 $e |- ( ph <-> ps ) $.
  $( Replace the antecedent of an implication by an equivalent. $)
  imbi1i $p |- ( ( ph -> ch ) <-> ( ps -> ch ) ) $= ? $.
$}

${
  imbi12i.1 $e |- ( ph <-> ps ) $.
  imbi12i.2 $e |- ( ch <-> th ) $.
  $( Replace both sides of an implication by equivalents. $)
  imbi12i $p |- ( ( ph -> ch ) <-> ( ps -> th ) ) $= ? $.
$}

${
  imbi2d.1 $e |- ( ph -> ( ps <-> ch ) ) $.
  $( Replace the consequent by an equivalent, in a deduction. $)
  imbi2d $p |- ( ph -> ( ( th -> ps ) <-> ( th -> ch ) ) ) $= ? $.
$}

  $( Swapping two antecedents is an equivalence. $)
  bi2.04 $p |- ( ( ph -> ( ps -> ch ) ) <-> ( ps -> ( ph -> ch ) ) ) $= ? $.

${
  bibi2i.1 $e |- ( ph <-> ps ) $.
  $( Replace the right side of an equivalence by an equivalent. $)
  bibi2i $p |- ( ( ch <-> ph ) <-> ( ch <-> ps ) ) $= ? $.
$}

  $( Equivalence of propositions and of their negations. $)
  notbi $p |- ( ( ph <-> ps ) <-> ( -. ph <-> -. ps ) ) $= ? $.

  $( Equivalence is associative. $)
  biass $p |- ( ( ( ph <-> ps ) <-> ch ) <-> ( ph <-> ( ps <-> ch ) ) ) $= ? $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                               Conjunction: laws
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  anbi2i.1 $e |- ( ph <-> ps ) $.
  $( Replace the right conjunct by an equivalent. $)
  anbi2i $p |- ( ( ch /\ ph ) <-> ( ch /\ ps ) ) $= ? $.
$}

${
  anbi1i.1 $e |- ( ph <-> ps ) $.
  $( Replace the left conjunct by an equivalent. $)
  anbi1i $p |- ( ( ph /\ ch ) <-> ( ps /\ ch ) ) $= ? $.
$}

${
  anbi12i.1 $e |- ( ph <-> ps ) $.
  anbi12i.2 $e |- ( ch <-> th ) $.
  $( Replace both conjuncts by equivalents. $)
  anbi12i $p |- ( ( ph /\ ch ) <-> ( ps /\ th ) ) $= ? $.
$}

  $( Conjunction commutes. $)
  ancom $p |- ( ( ph /\ ps ) <-> ( ps /\ ph ) ) $= ? $.

  $( Conjunction is idempotent. $)
  anidm $p |- ( ( ph /\ ph ) <-> ph ) $= ? $.

  $( Conjunction is associative, one direction. $)
  anass1 $p |- ( ( ( ph /\ ps ) /\ ch ) -> ( ph /\ ( ps /\ ch ) ) ) $= ? $.

  $( Conjunction is associative. $)
  anass $p |- ( ( ( ph /\ ps ) /\ ch ) <-> ( ph /\ ( ps /\ ch ) ) ) $= ? $.

  $( Export, as a theorem. $)
  impexp1 $p |- ( ( ( ph /\ ps ) -> ch ) -> ( ph -> ( ps -> ch ) ) ) $= ? $.

  $( Import and export form an equivalence. $)
  impexp $p |- ( ( ( ph /\ ps ) -> ch ) <-> ( ph -> ( ps -> ch ) ) ) $= ? $.

  $( Implication distributes over conjunction. $)
  jcab $p |- ( ( ph -> ( ps /\ ch ) ) <-> ( ( ph -> ps ) /\ ( ph -> ch ) ) ) $=
      ? $.

  $( Conjunction expressed by implication and negation. $)
  dfan $p |- ( ( ph /\ ps ) <-> -. ( ph -> -. ps ) ) $= ? $.

  $( No proposition holds together with its negation. $)
  pm3.24 $p |- -. ( ph /\ -. ph ) $= ? $.

  $( An implication of a negation denies a conjunction. $)
  imnan $p |- ( ( ph -> -. ps ) <-> -. ( ph /\ ps ) ) $= ? $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                               Disjunction: laws
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Disjunction is idempotent. $)
  oridm $p |- ( ( ph \/ ph ) <-> ph ) $= ? $.

  $( Disjunction commutes. $)
  orcom $p |- ( ( ph \/ ps ) <-> ( ps \/ ph ) ) $= ? $.

  $( A disjunction whose left part fails. $)
  pm2.53 $p |- ( ( ph \/ ps ) -> ( -. ph -> ps ) ) $= ? $.

${
  ori.1 $e |- ( ph \/ ps ) $.
  $( A disjunction yields its right part when the left one fails. $)
  ori $p |- ( -. ph -> ps ) $= ? $.
$}

${
  ord.1 $e |- ( ph -> ( ps \/ ch ) ) $.
  $( The right part when the left one fails, in a deduction. $)
  ord $p |- ( ph -> ( -. ps -> ch ) ) $= ? $.
$}

${
  orri.1 $e |- ( -. ph -> ps ) $.
  $( A disjunction from an implication of a negation. $)
  orri $p |- ( ph \/ ps ) $= ? $.
$}

  $( A proposition holds or fails. $)
  exmid $p |- ( ph \/ -. ph ) $= ? $.

  $( A disjunction from an implication of a negation, as a theorem. $)
  pm2.54 $p |- ( ( -. ph -> ps ) -> ( ph \/ ps ) ) $= ? $.

  $( Disjunction expressed by implication and negation. $)
  dfor $p |- ( ( ph \/ ps ) <-> ( -. ph -> ps ) ) $= ? $.

${
  orbi2i.1 $e |- ( ph <-> ps ) $.
  $( Replace the right disjunct by an equivalent. $)
  orbi2i $p |- ( ( ch \/ ph ) <-> ( ch \/ ps ) ) $= ? $.
$}

${
  orbi12i.1 $e |- ( ph <-> ps ) $.
  orbi12i.2 $e |- ( ch <-> th ) $.
  $( Replace both disjuncts by equivalents. $)
  orbi12i $p |- ( ( ph \/ ch ) <-> ( ps \/ th ) ) $= ? $.
$}

  $( Disjunction is associative, one direction. $)
  orass1 $p |- ( ( ( ph \/ ps ) \/ ch ) -> ( ph \/ ( ps \/ ch ) ) ) $= ? $.

  $( Disjunction is associative. $)
  orass $p |- ( ( ( ph \/ ps ) \/ ch ) <-> ( ph \/ ( ps \/ ch ) ) ) $= ? $.

  $( A refuted disjunct changes nothing. $)
  biorf $p |- ( -. ph -> ( ps <-> ( ph \/ ps ) ) ) $= ? $.

  $( Drop a refuted left disjunct. $)
  orel1 $p |- ( -. ph -> ( ( ph \/ ps ) -> ps ) ) $= ? $.

  $( An implication is a disjunction with a negated antecedent. $)
  imor $p |- ( ( ph -> ps ) <-> ( -. ph \/ ps ) ) $= ? $.

  $( Implication from a disjunction is a conjunction of implications. $)
  jaob $p |- ( ( ( ph \/ ps ) -> ch ) <-> ( ( ph -> ch ) /\ ( ps -> ch ) ) ) $=
      ? $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                 Ternary conjunction and exclusive disjunction
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

${
  xornbii.1 $e |- ( ph \/_ ps ) $.
  $( An exclusive disjunction refutes the equivalence, as an inference. $)
  xornbii $p |- -. ( ph <-> ps ) $= ? $.
$}

  $( The first two parts of a ternary conjunction. $)
  3simpa $p |- ( ( ph /\ ps /\ ch ) -> ( ph /\ ps ) ) $= ? $.

${
  3pm3.2i.1 $e |- ph $.
  3pm3.2i.2 $e |- ps $.
  3pm3.2i.3 $e |- ch $.
  $( Join three theorems in a ternary conjunction. $)
  3pm3.2i $p |- ( ph /\ ps /\ ch ) $= ? $.
$}

  $( The first part of a ternary conjunction. $)
  simp1 $p |- ( ( ph /\ ps /\ ch ) -> ph ) $= ? $.

${
  3jca.1 $e |- ( ph -> ps ) $.
  3jca.2 $e |- ( ph -> ch ) $.
  3jca.3 $e |- ( ph -> th ) $.
  $( Join three consequences in a ternary conjunction. $)
  3jca $p |- ( ph -> ( ps /\ ch /\ th ) ) $= ? $.
$}

${
  3imp.1 $e |- ( ph -> ( ps -> ( ch -> th ) ) ) $.
  $( Import three antecedents into a ternary conjunction. $)
  3imp $p |- ( ( ph /\ ps /\ ch ) -> th ) $= ? $.
$}

${
  3exp.1 $e |- ( ( ph /\ ps /\ ch ) -> th ) $.
  $( Export a ternary conjunction into three antecedents. $)
  3exp $p |- ( ph -> ( ps -> ( ch -> th ) ) ) $= ? $.
$}

  $( Swap the first two parts of a ternary conjunction. $)
  3ancoma $p |- ( ( ph /\ ps /\ ch ) <-> ( ps /\ ph /\ ch ) ) $= ? $.

  $( Exclusive disjunction commutes. $)
  xorcom $p |- ( ( ph \/_ ps ) <-> ( ps \/_ ph ) ) $= ? $.

  $( Equivalence is the negation of exclusive disjunction. $)
  xnor $p |- ( ( ph <-> ps ) <-> -. ( ph \/_ ps ) ) $= ? $.

  $( A proposition never excludes itself. $)
  xorself $p |- -. ( ph \/_ ph ) $= ? $.

$(
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
                    Distribution and the laws of de Morgan
=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=-=
$)

  $( Absorption of a disjunction by a conjunct. $)
  pm4.45 $p |- ( ph <-> ( ph /\ ( ph \/ ps ) ) ) $= ? $.

  $( De Morgan: a refuted disjunction refutes both parts. $)
  ioran $p |- ( -. ( ph \/ ps ) <-> ( -. ph /\ -. ps ) ) $= ? $.

  $( De Morgan: a refuted conjunction refutes one part. $)
  ianor $p |- ( -. ( ph /\ ps ) <-> ( -. ph \/ -. ps ) ) $= ? $.

  $( Disjunction by negation and conjunction. $)
  oran $p |- ( ( ph \/ ps ) <-> -. ( -. ph /\ -. ps ) ) $= ? $.

  $( A common conjunct may be taken out of two cases. $)
  andi1 $p |- ( ( ( ph /\ ps ) \/ ( ph /\ ch ) ) -> ( ph /\ ( ps \/ ch ) ) ) $=
      ? $.

  $( A refuted disjunction refutes its left part. $)
  ioran1 $p |- ( -. ( ph \/ ps ) -> -. ph ) $= ? $.

  $( Conjunction distributes over disjunction. $)
  andi $p |- ( ( ph /\ ( ps \/ ch ) ) <-> ( ( ph /\ ps ) \/ ( ph /\ ch ) ) ) $=
      ? $.

  $( Disjunction distributes over conjunction. $)
  ordi $p |- ( ( ph \/ ( ps /\ ch ) ) <-> ( ( ph \/ ps ) /\ ( ph \/ ch ) ) ) $=
      ? $.

  $( Absorption of a conjunction by a disjunct. $)
  pm4.44 $p |- ( ph <-> ( ph \/ ( ph /\ ps ) ) ) $= ? $.

  $( A conjunction with a negation refutes an implication. $)
  annim $p |- ( ( ph /\ -. ps ) <-> -. ( ph -> ps ) ) $= ? $.
