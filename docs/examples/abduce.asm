; A missing hypothesis found by ABDUCE: ( ph -> ps ) is known, ( ph -> ch ) is wanted; what is missing?
.block main
    MOV.term 1:0:0, '(wi wph wps)               ; what is known
    MOV.goal 1:1:0, '(wi wph wch)               ; what is wanted
    ABDUCE   2:0:0, 1:1:0, 1:0:0*1, #1, #1000   ; at most 1 hypothesis, at most 1000 expansions
    CMP.eq   3:0:0, 2:0:1, '(wi wps wch)        ; it is ( ps -> ch )
    !3:0:0 HALT #1
    HALT     #0
