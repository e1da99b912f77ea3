; DIJKSTRA by Level-0 opcodes: as DIJKSTRA.edge 16:0:0, 18:0:0, 19:0:0, 1:0:0*256, [2:0:0].
; Ends with status 1 if a cost is negative. For another kind of link, say so in place of .edge. Price: cells².
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
    SCAN.lt         50:0:0, 1:0:0*256, #0
    CMP.gt          33:0:2, 50:0:0, #0
    ?33:0:2 HALT    #1
    MAP.add         33:0:0, 32:0:2*1, #4097
    MOV             33:0:1, 48:0:0
    CMP.gt          33:0:2, 33:0:1, #0
    SPAWN.while     32:0:7, %unreached, #10000, 33:0:2
    !32:0:7 HALT    #1
    MAP.add         33:0:3, 2:0:0*1, #4352          ; the source's cost
    MOV             [33:0:3], #0
    MOV             16:0:0, #0
    MAP.sub         33:0:4, 32:0:2*1, #4095         ; into 16:0:1
    CMP.eq          33:0:5, #0, #0                  ; was a cell settled?
    SPAWN.while     32:0:7, %settle, #4000000, 33:0:5
    !32:0:7 HALT    #1

; beside page 1: cost at 18:0:0, predecessor at 19:0:0, settled (0 or 1) at 20:0:0
.block unreached
    MAP.add         33:0:3, [33:0:0]*1, #4352
    MOV             [33:0:3], #-1
    MAP.add         33:0:3, [33:0:0]*1, #4608
    MOV             [33:0:3], [33:0:0]
    MAP.add         33:0:3, [33:0:0]*1, #4864
    MOV             [33:0:3], #0
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

.block settle
    MAP.add         33:0:0, 32:0:2*1, #4097
    MOV             33:0:1, 48:0:0
    CMP.gt          33:0:2, 33:0:1, #0
    CMP.ne          33:0:5, #0, #0
    SPAWN.while     32:0:7, %cheapest, #100000, 33:0:2
    !32:0:7 HALT    #1
    ?33:0:5 SPAWN   32:0:7, %relax, #100000
    !32:0:7 HALT    #1

; 34:0:0 the cheapest cell at hand, 34:0:1 its cost
.block cheapest
    MAP.add         34:1:0, [33:0:0]*1, #4352
    CMP.ge          34:1:1, [34:1:0], #0            ; reached
    MAP.add         34:1:2, [33:0:0]*1, #4864
    CMP.eq          34:1:3, [34:1:2], #0            ; and not settled
    MAP.and         34:1:1, 34:1:1*1, 34:1:3
    ?33:0:5 CMP.lt  34:1:4, [34:1:0], 34:0:1        ; and cheaper
    ?33:0:5 MAP.and 34:1:1, 34:1:1*1, 34:1:4
    ?34:1:1 MOV     34:0:0, [33:0:0]
    ?34:1:1 MOV     34:0:1, [34:1:0]
    ?34:1:1 MOV     33:0:5, 34:1:1
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

.block relax
    MAP.add         34:0:2, 34:0:0*1, #4864
    MOV             [34:0:2], #1
    MOV             [33:0:4], 34:0:0
    MAP.add         33:0:4, 33:0:4*1, #1
    MAP.add         16:0:0, 16:0:0*1, #1
    MAP.add         33:0:0, 32:0:2*1, #4097
    MOV             33:0:1, 48:0:0
    CMP.gt          33:0:2, 33:0:1, #0
    SPAWN.while     32:0:7, %link, #100000, 33:0:2
    !32:0:7 HALT    #1

.block link
    MOV             34:1:0, [33:0:0]
    CMP.edge        34:1:1, [34:0:0], [34:1:0]
    ?34:1:1 SPAWN   32:0:7, %enter, #100
    !32:0:7 HALT    #1
    MAP.add         33:0:0, 33:0:0*1, #1
    MAP.sub         33:0:1, 33:0:1*1, #1
    CMP.gt          33:0:2, 33:0:1, #0

; 34:2:0 what the cell in 34:1:0 costs by way of 34:0:0
.block enter
    MOV             34:2:0, 34:0:1
    SCAN.ge         50:0:0, [34:1:0]*1, #0          ; an int?
    CMP.eq          34:2:1, 50:0:0, #1
    ?34:2:1 MAP.add 34:2:0, 34:0:1*1, [34:1:0]
    MAP.add         34:2:2, 34:1:0*1, #4352
    CMP.lt          34:2:3, [34:2:2], #0
    CMP.lt          34:2:4, 34:2:0, [34:2:2]
    MAP.or          34:2:3, 34:2:3*1, 34:2:4
    ?34:2:3 MOV     [34:2:2], 34:2:0
    ?34:2:3 MAP.add 34:2:5, 34:1:0*1, #4608
    ?34:2:3 MOV     [34:2:5], 34:0:0

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
