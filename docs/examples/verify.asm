; VERIFY says whether it found a proof: one goal is searched for, one is cited, one is refuted by truth values.
.block main
    MOV.goal 1:0:0, '(wi wph wph)
    VERIFY   2:0:0, 1:0:0, #2000
    VERIFY   2:1:0, '(wi wph (wi wps wph)), #10
    VERIFY   2:2:0, '(wi (wi wph wps) (wi wps wph)), #2000
    ?2:2:0 HALT #1
    !2:0:0 HALT #1
    !2:1:0 HALT #1
    HALT     #0
