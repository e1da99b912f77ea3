; DEDUP by Level-0 opcodes: as DEDUP 16:0:0, 18:0:0, 1:0:0*256.
.block main
    CMP             32:0:7, #0, #0                  ; the last child ended well
    MOV             32:0:0, #0
    SCAN            32:0:1, 32:0:0*1, #0            ; 32:0:2: a ref to 32:0:0, from which all others are reckoned
    MAP.sub         32:0:3, 32:0:2*1, #7936         ; at position 1:0:0
    MAP.sub         32:0:4, 32:0:2*1, #4095         ; into 16:0:1
    MOV             32:0:5, #256                    ; positions left
    MOV             16:0:0, #0
    CMP.gt          32:0:6, 32:0:5, #0
    SPAWN.while     32:0:7, %position, #10000, 32:0:6
    !32:0:7 HALT    #1

.block position
    REDUCE.count    32:1:0, [32:0:3]*1
    CMP.eq          32:1:1, 32:1:0, #1              ; is there a cell?
    ?32:1:1 SPAWN   32:0:7, %cell, #100
    !32:0:7 HALT    #1
    MAP.add         32:0:3, 32:0:3*1, #1
    MAP.sub         32:0:5, 32:0:5*1, #1
    CMP.gt          32:0:6, 32:0:5, #0

.block cell
    SCAN            48:0:0, 1:0:0*256, [32:0:3]     ; the cells with the same content; the first represents them
    MAP.add         32:1:2, 32:0:3*1, #4352         ; beside: 18:0:0
    MOV             [32:1:2], 48:0:1
    CMP.eq          32:1:3, 48:0:1, 32:0:3
    ?32:1:3 MOV     [32:0:4], 32:0:3
    ?32:1:3 MAP.add 32:0:4, 32:0:4*1, #1
    ?32:1:3 MAP.add 16:0:0, 16:0:0*1, #1
