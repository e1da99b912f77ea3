; Forward closure by DEDUCE: three instances of axioms are facts, modus ponens gives ( ph -> ph ) in two rounds.
.block main
    PLAN     1:0:0, '(wi wph (wi (wi wph wph) wph)), #10
    PLAN     1:0:1, '(wi (wi wph (wi (wi wph wph) wph)) (wi (wi wph (wi wph wph)) (wi wph wph))), #10
    PLAN     1:0:2, '(wi wph (wi wph wph)), #10
    DEDUCE   2:0:0, 1:0:0*3, #10, #1000         ; at most 10 facts, at most 1000 applications
    READK.exact 3:0:0, '(wi wph wph), 2:0:1*10  ; no cell has that tag and value: facts are no terms
    READK.gen 3:1:0, '(wi wph wph), 2:0:1*10    ; but one of them says it
    CMP.eq   3:2:0, 3:1:0, #1
    !3:2:0 HALT #1
    HALT     #0
