; Statements proposed by HYPOTHESIZE around a formula: some are refuted by truth values, some are proved.
.block main
    HYPOTHESIZE 1:0:0, '(wi (wn (wn wph)) wph), #2, #600    ; at most 2 facts, 600 expansions for each
    CMP.ge   2:0:0, 1:0:0, #1
    !2:0:0 HALT #1
    HALT     #0
