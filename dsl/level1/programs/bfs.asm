; BFS by Level-0 opcodes: as BFS.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0].
; For another kind of link, say so in place of .edge. Price: levels · cells · links in.
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
    MAP.add         33:0:3, 2:0:0*1, #4352          ; the source's distance
    MOV             [33:0:3], #0
    MOV             16:0:0, #1
    MOV             16:0:1, 2:0:0
    MAP.sub         33:0:4, 32:0:2*1, #4094         ; into 16:0:2
    MOV             33:0:5, #0                      ; depth of the level at hand
    CMP.eq          33:0:6, #0, #0                  ; did the last level grow?
    SPAWN.while     32:0:7, %level, #4000000, 33:0:6
    !32:0:7 HALT    #1

.block unreached
    MAP.add         33:0:3, [33:0:0]*1, #4352
    MOV             [33:0:3], #-1
    MAP.add         33:0:3, [33:0:0]*1, #4608
    MOV             [33:0:3], [33:0:0]
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

.block level
    MOV             33:0:7, 16:0:0
    MAP.add         33:0:0, 32:0:2*1, #4097
    MOV             33:0:1, 48:0:0
    CMP.gt          33:0:2, 33:0:1, #0
    SPAWN.while     32:0:7, %cell, #1000000, 33:0:2
    !32:0:7 HALT    #1
    MAP.add         33:0:5, 33:0:5*1, #1
    CMP.gt          33:0:6, 16:0:0, 33:0:7

.block cell
    MOV             34:0:0, [33:0:0]
    MAP.add         34:0:1, 34:0:0*1, #4352
    CMP.lt          34:0:2, [34:0:1], #0            ; not reached yet
    ?34:0:2 SPAWN   32:0:7, %reach, #10000
    !32:0:7 HALT    #1
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

.block reach
    SCAN.edge       50:0:0, 1:0:0*256, [34:0:0]     ; the cells with a link to it
    MAP.add         34:1:0, 32:0:2*1, #4609         ; at 50:0:1
    MOV             34:1:1, 50:0:0
    CMP.gt          34:1:2, 34:1:1, #0
    SPAWN.while     32:0:7, %before, #10000, 34:1:2
    !32:0:7 HALT    #1

; the first of them that stands on the level at hand
.block before
    MAP.add         34:1:3, [34:1:0]*1, #4352
    CMP.eq          34:1:4, [34:1:3], 33:0:5
    ?34:1:4 MAP.add 34:1:5, 33:0:5*1, #1
    ?34:1:4 MOV     [34:0:1], 34:1:5
    ?34:1:4 MAP.add 34:1:6, 34:0:0*1, #4608
    ?34:1:4 MOV     [34:1:6], [34:1:0]
    ?34:1:4 MOV     [33:0:4], 34:0:0
    ?34:1:4 MAP.add 33:0:4, 33:0:4*1, #1
    ?34:1:4 MAP.add 16:0:0, 16:0:0*1, #1
    ?34:1:4 HALT    #0
    MAP.add         34:1:0, 34:1:0*1, #1
    MAP.sub         34:1:1, 34:1:1*1, #1
    CMP.gt          34:1:2, 34:1:1, #0

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
