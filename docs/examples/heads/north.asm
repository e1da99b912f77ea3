; Head 0: adds up the northern road in its own page, reports the sum in the shared page 3, adds up all reports.
.block main
    MOV 1:0:0, #7
    MOV 1:0:1, #9
    MOV 1:0:2, #2
    REDUCE.sum 1:1:0, 1:0:0*16
    WRITEK 1:1:1, 3:0:0*16, 1:1:0, 1:1:0    ; round 5: into the first empty slot, 3:0:0
    REDUCE.count 1:1:2, 3:0:0*16            ; round 6: one report; the other is committed in this round
    REDUCE.sum 1:1:3, 3:0:0*16              ; round 7: both
    HALT #0
