; Head 1: the same for the southern road in page 2. Its report wants the same slot, waits a round and takes the next.
.block main
    MOV 2:0:0, #14
    MOV 2:0:1, #10
    MOV 2:0:2, #15
    REDUCE.sum 2:1:0, 2:0:0*16
    WRITEK 2:1:1, 3:0:0*16, 2:1:0, 2:1:0    ; round 5: 3:0:0 is taken; round 6: 3:0:1
    HALT #0
