; GAUSSJ and GAUSSELIM by Level-0 opcodes: as GAUSSJ 16:0:0, 1:0:0*n, #columns.
; 2:0:0 rows (at most 16), 2:0:1 columns (at most 16), 2:0:2 true for GAUSSJ, false for GAUSSELIM. Exact in ints, or status 1 where a
; number passes 64 bits. Row i is worked on at 48:i:0, so that a row is a range of 16 slots.
.block main
    CMP             32:0:7, #0, #0                  ; the last child ended well
    MOV             32:0:0, #0
    SCAN            32:0:1, 32:0:0*1, #0            ; 32:0:2: a ref to 32:0:0, from which all others are reckoned
    MAP.mul         33:0:0, 2:0:0*1, 2:0:1
    MAP.sub         33:0:1, 32:0:2*1, #7936         ; at entry 1:0:0
    MOV             33:0:2, #0
    CMP.lt          33:0:3, 33:0:2, 33:0:0
    SPAWN.while     32:0:7, %enter, #10000, 33:0:3
    !32:0:7 HALT    #1
    MOV             34:0:0, #0                      ; column
    MOV             34:0:1, #0                      ; rank
    MAP.add         34:0:2, 32:0:2*1, #4096         ; the row at the rank
    CMP.lt          34:0:3, 34:0:0, 2:0:1
    SPAWN.while     32:0:7, %column, #10000000, 34:0:3
    !32:0:7 HALT    #1
    MOV             16:0:0, 34:0:1
    MAP.add         35:2:0, 32:0:2*1, #4096         ; at row
    MAP.sub         33:0:1, 32:0:2*1, #4095         ; into 16:0:1
    MOV             33:0:2, #0
    CMP.lt          33:0:3, 33:0:2, 2:0:0
    SPAWN.while     32:0:7, %leave, #1000000, 33:0:3
    !32:0:7 HALT    #1

; entry number 33:0:2 goes to its row and column
.block enter
    MAP.div         33:1:0, 33:0:2*1, 2:0:1
    MAP.mul         33:1:0, 33:1:0*1, #16
    MAP.mod         33:1:1, 33:0:2*1, 2:0:1
    MAP.add         33:1:2, 32:0:2*1, #4096
    MAP.add         33:1:2, 33:1:2*1, 33:1:0
    MAP.add         33:1:2, 33:1:2*1, 33:1:1
    MOV             [33:1:2], [33:0:1]
    MAP.add         33:0:1, 33:0:1*1, #1
    MAP.add         33:0:2, 33:0:2*1, #1
    CMP.lt          33:0:3, 33:0:2, 33:0:0

.block column
    MOV             34:1:0, 34:0:1                  ; number of the row at hand
    MOV             34:1:1, 34:0:2                  ; the row
    CMP.lt          34:1:2, 34:1:0, 2:0:0
    CMP.ne          34:1:3, #0, #0                  ; a pivot?
    SPAWN.while     32:0:7, %seek, #10000, 34:1:2
    !32:0:7 HALT    #1
    ?34:1:3 SPAWN   32:0:7, %pivot, #1000000
    !32:0:7 HALT    #1
    MAP.add         34:0:0, 34:0:0*1, #1
    CMP.lt          34:0:3, 34:0:0, 2:0:1

.block seek
    MAP.add         34:1:4, 34:1:1*1, 34:0:0
    CMP.ne          34:1:3, [34:1:4], #0
    ?34:1:3 HALT    #0
    MAP.add         34:1:1, 34:1:1*1, #16
    MAP.add         34:1:0, 34:1:0*1, #1
    CMP.lt          34:1:2, 34:1:0, 2:0:0

; the row found changes places with the one at the rank, and clears the column
.block pivot
    MAP             49:0:0, [34:1:1]*16
    MAP             [34:1:1], [34:0:2]*16
    MAP             [34:0:2], 49:0:0*16
    MAP.add         34:2:0, 34:0:2*1, 34:0:0
    MOV             34:2:1, [34:2:0]                ; the pivot
    MAP.add         34:2:2, 32:0:2*1, #4096         ; at row
    MOV             34:2:3, #0
    CMP.lt          34:2:4, 34:2:3, 2:0:0
    SPAWN.while     32:0:7, %row, #1000000, 34:2:4
    !32:0:7 HALT    #1
    MAP.add         34:0:1, 34:0:1*1, #1
    MAP.add         34:0:2, 34:0:2*1, #16

; other rows, or those below
.block row
    ?2:0:2 CMP.ne   34:2:5, 34:2:2, 34:0:2
    !2:0:2 CMP.gt   34:2:5, 34:2:2, 34:0:2
    MAP.add         34:2:6, 34:2:2*1, 34:0:0
    MOV             34:2:7, [34:2:6]
    CMP.ne          34:2:8, 34:2:7, #0
    MAP.and         34:2:5, 34:2:5*1, 34:2:8
    ?34:2:5 SPAWN   32:0:7, %clear, #100000
    !32:0:7 HALT    #1
    MAP.add         34:2:2, 34:2:2*1, #16
    MAP.add         34:2:3, 34:2:3*1, #1
    CMP.lt          34:2:4, 34:2:3, 2:0:0

; row := pivot / g · row − entry / g · pivot's row, g their common divisor
.block clear
    MOV             35:0:0, 34:2:7
    MOV             35:0:1, 34:2:1
    CMP.ne          35:0:2, 35:0:1, #0
    SPAWN.while     32:0:7, %euclid, #10000, 35:0:2
    !32:0:7 HALT    #1
    MAP.div         35:0:3, 34:2:1*1, 35:0:0
    MAP.div         35:0:4, 34:2:7*1, 35:0:0
    MAP.mul         49:0:0, [34:2:2]*16, 35:0:3
    MAP.mul         49:1:0, [34:0:2]*16, 35:0:4
    MAP.add         35:1:0, 32:0:2*1, #4352         ; at 49:0:0
    MAP.add         35:1:1, 32:0:2*1, #4368         ; at 49:1:0
    MOV             35:1:2, 34:2:2
    MOV             35:1:3, 2:0:1
    CMP.gt          35:1:4, 35:1:3, #0
    SPAWN.while     32:0:7, %subtract, #10000, 35:1:4
    !32:0:7 HALT    #1
    MOV             35:2:0, 34:2:2
    SPAWN           32:0:7, %primitive, #10000
    !32:0:7 HALT    #1

; 35:0:0 and 35:0:1 by their remainders, until 35:0:0 is the common divisor
.block euclid
    MAP.mod         35:0:5, 35:0:0*1, 35:0:1
    MOV             35:0:0, 35:0:1
    MOV             35:0:1, 35:0:5
    CMP.ne          35:0:2, 35:0:1, #0

.block subtract
    MAP.sub         [35:1:2], [35:1:0]*1, [35:1:1]
    MAP.add         35:1:0, 35:1:0*1, #1
    MAP.add         35:1:1, 35:1:1*1, #1
    MAP.add         35:1:2, 35:1:2*1, #1
    MAP.sub         35:1:3, 35:1:3*1, #1
    CMP.gt          35:1:4, 35:1:3, #0

; the row in 35:2:0 becomes coprime, its first entry positive
.block primitive
    MOV             35:0:0, #0
    MOV             35:2:1, #0                      ; first entry that is not zero
    MOV             35:2:2, 35:2:0
    MOV             35:2:3, 2:0:1
    CMP.gt          35:2:4, 35:2:3, #0
    SPAWN.while     32:0:7, %divisor, #10000, 35:2:4
    !32:0:7 HALT    #1
    CMP.lt          35:2:5, 35:0:0, #0
    ?35:2:5 MAP.neg 35:0:0, 35:0:0*1
    CMP.lt          35:2:5, 35:2:1, #0
    ?35:2:5 MAP.neg 35:0:0, 35:0:0*1
    CMP.ne          35:2:5, 35:0:0, #0
    ?35:2:5 MAP.div [35:2:0], [35:2:0]*16, 35:0:0

.block divisor
    CMP.eq          35:2:6, 35:2:1, #0
    ?35:2:6 MOV     35:2:1, [35:2:2]
    MOV             35:0:1, [35:2:2]
    CMP.ne          35:0:2, 35:0:1, #0
    SPAWN.while     32:0:7, %euclid, #10000, 35:0:2
    !32:0:7 HALT    #1
    MAP.add         35:2:2, 35:2:2*1, #1
    MAP.sub         35:2:3, 35:2:3*1, #1
    CMP.gt          35:2:4, 35:2:3, #0

.block leave
    SPAWN           32:0:7, %primitive, #10000
    !32:0:7 HALT    #1
    MOV             35:2:2, 35:2:0
    MOV             35:2:3, 2:0:1
    CMP.gt          35:2:4, 35:2:3, #0
    SPAWN.while     32:0:7, %write, #10000, 35:2:4
    !32:0:7 HALT    #1
    MAP.add         35:2:0, 35:2:0*1, #16
    MAP.add         33:0:2, 33:0:2*1, #1
    CMP.lt          33:0:3, 33:0:2, 2:0:0

.block write
    MOV             [33:0:1], [35:2:2]
    MAP.add         33:0:1, 33:0:1*1, #1
    MAP.add         35:2:2, 35:2:2*1, #1
    MAP.sub         35:2:3, 35:2:3*1, #1
    CMP.gt          35:2:4, 35:2:3, #0
