; A theorem found by PLAN: the search proves the goal, both judges accept, the fact closes the goal.
.block main
    MOV.goal 1:0:0, '(wi wph wph)
    PLAN     2:0:0, 1:0:0, #2000        ; at most 2000 expansions; the fact goes to 2:0:0
    HALT     #0
