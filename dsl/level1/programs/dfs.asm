; DFS by Level-0 opcodes: as DFS.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0].
; For another kind of link, say so in place of .edge. Price: cells².
.block main
    CMP             32:0:7, #0, #0                  ; the last child ended well
    MOV             32:0:0, #0
    SCAN            32:0:1, 32:0:0*1, #0            ; 32:0:2: a ref to 32:0:0, from which all others are reckoned
    MAP.sub         32:0:3, 32:0:2*1, #7936         ; at position 1:0:0
    MAP.add         32:0:4, 32:0:2*1, #4097         ; into 48:0:1
    MOV             32:0:5, #256                    ; positions left
    MOV             48:0:0, #0
    CMP.gt          32:0:6, 32:0:5, #0
    SPAWN.while     32:0:7, %collect, #10000, 32:0:6
    !32:0:7 HALT    #1
    MAP.add         33:0:0, 32:0:2*1, #4097
    MOV             33:0:1, 48:0:0
    CMP.gt          33:0:2, 33:0:1, #0
    SPAWN.while     32:0:7, %unreached, #10000, 33:0:2
    !32:0:7 HALT    #1
    MOV             16:0:0, #0
    MAP.sub         33:0:4, 32:0:2*1, #4095         ; into 16:0:1
    MOV             33:0:5, #0                      ; the next number
    MAP.add         33:0:6, 32:0:2*1, #4608         ; top of the stack of open cells, which begins at 50:0:1
    MAP.add         34:0:4, 32:0:2*1, #4608         ; the empty stack
    MOV             34:0:1, 2:0:0
    SPAWN           32:0:7, %discover, #100
    !32:0:7 HALT    #1
    CMP.eq          33:0:7, #0, #0
    SPAWN.while     32:0:7, %step, #4000000, 33:0:7
    !32:0:7 HALT    #1

.block unreached
    MAP.add         33:0:3, [33:0:0]*1, #4352
    MOV             [33:0:3], #-1
    MAP.add         33:0:3, [33:0:0]*1, #4608
    MOV             [33:0:3], #-1
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

; the cell in 34:0:1 is found
.block discover
    MAP.add         34:0:2, 34:0:1*1, #4352
    MOV             [34:0:2], 33:0:5
    MAP.add         33:0:5, 33:0:5*1, #1
    MOV             [33:0:4], 34:0:1
    MAP.add         33:0:4, 33:0:4*1, #1
    MAP.add         16:0:0, 16:0:0*1, #1
    MAP.add         33:0:6, 33:0:6*1, #1
    MOV             [33:0:6], 34:0:1

; from the top of the stack on to its first new successor, or back
.block step
    MOV             34:0:0, [33:0:6]
    MAP.add         33:0:0, 32:0:2*1, #4097
    MOV             33:0:1, 48:0:0
    CMP.gt          33:0:2, 33:0:1, #0
    CMP.ne          34:0:3, #0, #0                  ; found one?
    SPAWN.while     32:0:7, %look, #100000, 33:0:2
    !32:0:7 HALT    #1
    ?34:0:3 SPAWN   32:0:7, %discover, #100
    !32:0:7 HALT    #1
    !34:0:3 SPAWN   32:0:7, %finish, #100
    !32:0:7 HALT    #1
    CMP.gt          33:0:7, 33:0:6, 34:0:4

.block look
    MOV             34:0:1, [33:0:0]
    MAP.add         34:1:0, 34:0:1*1, #4352
    CMP.lt          34:1:1, [34:1:0], #0
    CMP.edge        34:1:2, [34:0:0], [34:0:1]
    MAP.and         34:0:3, 34:1:1*1, 34:1:2
    ?34:0:3 HALT    #0
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

.block finish
    MAP.add         34:0:2, 34:0:0*1, #4608
    MOV             [34:0:2], 33:0:5
    MAP.add         33:0:5, 33:0:5*1, #1
    MAP.sub         33:0:6, 33:0:6*1, #1

; 48:0:0 the number of written cells of page 1, 48:0:1 … refs to them
.block collect
    REDUCE.count    32:1:0, [32:0:3]*1
    CMP.eq          32:1:1, 32:1:0, #1
    ?32:1:1 MOV     [32:0:4], 32:0:3
    MAP.add         32:0:4, 32:0:4*1, 32:1:0
    MAP.add         48:0:0, 48:0:0*1, 32:1:0
    MAP.add         32:0:3, 32:0:3*1, #1
    MAP.sub         32:0:5, 32:0:5*1, #1
    CMP.gt          32:0:6, 32:0:5, #0
