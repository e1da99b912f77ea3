; TOPOSORT by Level-0 opcodes: as TOPOSORT.edge 16:0:0, 1:0:0*256. Ends with status 1 if there is a cycle.
; For another kind of link, say so in place of .edge. Price: cells² · links in.
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
    MAP.sub         33:0:0, 32:0:2*1, #4095         ; into 16:0:1
    MOV             16:0:0, #0
    MOV             34:0:0, #0                      ; marks beside page 1, at 20:0:0: placed or not
    MAP.add         33:1:0, 32:0:2*1, #4097
    MOV             33:1:1, 48:0:0
    CMP.gt          33:1:2, 33:1:1, #0
    SPAWN.while     32:0:7, %unmark, #10000, 33:1:2
    !32:0:7 HALT    #1
    CMP.lt          33:0:1, 16:0:0, 48:0:0
    SPAWN.while     33:0:2, %next, #4000000, 33:0:1
    !33:0:2 HALT    #1

.block unmark
    MAP.add         33:1:3, [33:1:0]*1, #4864
    MOV             [33:1:3], #0
    MAP.add         33:1:0, 33:1:0*1, #1
    MAP.sub         33:1:1, 33:1:1*1, #1
    CMP.gt          33:1:2, 33:1:1, #0

; the first cell that is free comes next
.block next
    MAP.add         33:1:0, 32:0:2*1, #4097
    MOV             33:1:1, 48:0:0
    CMP.gt          33:1:2, 33:1:1, #0
    CMP.ne          33:0:3, #0, #0                  ; found one?
    SPAWN.while     32:0:7, %try, #4000000, 33:1:2
    !32:0:7 HALT    #1
    !33:0:3 HALT    #1                              ; none: a cycle
    CMP.lt          33:0:1, 16:0:0, 48:0:0

.block try
    MAP.add         33:1:3, [33:1:0]*1, #4864
    CMP.eq          33:1:4, [33:1:3], #0            ; not placed yet
    MOV             33:1:5, [33:1:0]
    ?33:1:4 SPAWN   33:1:4, %free, #100000          ; and nothing before it missing
    ?33:1:4 MOV     [33:0:0], 33:1:5
    ?33:1:4 MAP.add 33:0:0, 33:0:0*1, #1
    ?33:1:4 MAP.add 16:0:0, 16:0:0*1, #1
    ?33:1:4 MOV     [33:1:3], #1
    ?33:1:4 MOV     33:0:3, 33:1:4
    ?33:1:4 HALT    #0
    MAP.add         33:1:0, 33:1:0*1, #1
    MAP.sub         33:1:1, 33:1:1*1, #1
    CMP.gt          33:1:2, 33:1:1, #0

; status 0 if all cells with a link to the cell in 33:1:5 are placed
.block free
    SCAN.edge       50:0:0, 1:0:0*256, [33:1:5]
    MAP.add         34:0:0, 32:0:2*1, #4609         ; at 50:0:1
    MOV             34:0:1, 50:0:0
    CMP.gt          34:0:2, 34:0:1, #0
    SPAWN.while     34:0:3, %placed, #10000, 34:0:2
    !34:0:3 HALT    #1

.block placed
    MAP.add         34:0:4, [34:0:0]*1, #4864
    CMP.eq          34:0:5, [34:0:4], #0
    ?34:0:5 HALT    #1
    MAP.add         34:0:0, 34:0:0*1, #1
    MAP.sub         34:0:1, 34:0:1*1, #1
    CMP.gt          34:0:2, 34:0:1, #0

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
