; SATCHECK by Level-0 opcodes: as SATCHECK 16:0:0, 1:0:0*256, by truth table: variable 1 changes last, false before true.
; Clauses only, without atoms; at most 16 variables, else status 2.
.block main
    CMP             32:0:7, #0, #0                  ; the last child ended well
    MOV             32:0:0, #0
    SCAN            32:0:1, 32:0:0*1, #0            ; 32:0:2: a ref to 32:0:0, from which all others are reckoned
    REDUCE.count    33:0:0, 1:0:0*256
    CMP.eq          33:0:1, 33:0:0, #0
    ?33:0:1 MOV     16:0:0, #1
    ?33:0:1 HALT    #0
    REDUCE.max      33:0:2, 1:0:0*256
    REDUCE.min      33:0:3, 1:0:0*256
    MAP.neg         33:0:3, 33:0:3*1
    CMP.lt          33:0:4, 33:0:2, 33:0:3
    ?33:0:4 MOV     33:0:2, 33:0:3                  ; number of variables
    CMP.gt          33:0:4, 33:0:2, #16
    ?33:0:4 HALT    #2
    MOV             16:0:0, #0
    MAP.add         33:0:5, 32:0:2*1, #4097         ; values stand at 48:0:1 …
    MOV             33:0:6, 33:0:2
    CMP.gt          33:0:7, 33:0:6, #0
    SPAWN.while     32:0:7, %false, #1000, 33:0:7
    !32:0:7 HALT    #1
    CMP.eq          33:0:8, #0, #0                  ; another assignment?
    SPAWN.while     32:0:7, %assignment, #1000000000, 33:0:8
    !32:0:7 HALT    #1

.block false
    CMP.ne          [33:0:5], #0, #0
    MAP.add         33:0:5, 33:0:5*1, #1
    MAP.sub         33:0:6, 33:0:6*1, #1
    CMP.gt          33:0:7, 33:0:6, #0

.block assignment
    MAP.sub         33:1:0, 32:0:2*1, #7936         ; at position 1:0:0
    MOV             33:1:1, #256
    CMP.ne          33:1:2, #0, #0                  ; is the clause at hand true so far?
    CMP.gt          33:1:3, 33:1:1, #0
    SPAWN.while     33:1:4, %position, #100000, 33:1:3
    ?33:1:4 MOV     16:0:0, #1
    ?33:1:4 SPAWN   32:0:7, %answer, #10
    !32:0:7 HALT    #1
    ?33:1:4 HALT    #0
    MAP.add         33:2:0, 32:0:2*1, #4096
    MAP.add         33:2:0, 33:2:0*1, 33:0:2        ; the last variable
    MOV             33:2:1, 33:0:2
    CMP.gt          33:0:8, 33:2:1, #0
    SPAWN.while     32:0:7, %count, #1000, 33:0:8
    !32:0:7 HALT    #1
    CMP.gt          33:0:8, 33:2:1, #0

.block answer
    MAP             16:0:1, 48:0:1*16

; adds one, in binary
.block count
    MOV             33:2:2, [33:2:0]
    MAP.not         [33:2:0], [33:2:0]*1
    !33:2:2 HALT    #0
    MAP.sub         33:2:0, 33:2:0*1, #1
    MAP.sub         33:2:1, 33:2:1*1, #1
    CMP.gt          33:0:8, 33:2:1, #0

.block position
    REDUCE.count    33:3:0, [33:1:0]*1
    CMP.eq          33:3:1, 33:3:0, #1
    ?33:3:1 SPAWN   32:0:7, %literal, #100
    !32:0:7 HALT    #1
    MAP.add         33:1:0, 33:1:0*1, #1
    MAP.sub         33:1:1, 33:1:1*1, #1
    CMP.gt          33:1:3, 33:1:1, #0

; a literal, or the end of a clause, which must be true by then
.block literal
    MOV             33:3:2, [33:1:0]
    CMP.eq          33:3:3, 33:3:2, #0
    MAP.not         33:3:4, 33:1:2*1
    MAP.and         33:3:4, 33:3:4*1, 33:3:3
    ?33:3:4 HALT    #1
    CMP.gt          33:3:5, 33:3:2, #0
    MOV             33:3:6, 33:3:2
    !33:3:5 MAP.neg 33:3:6, 33:3:6*1
    MAP.add         33:3:7, 32:0:2*1, #4096
    MAP.add         33:3:7, 33:3:7*1, 33:3:6
    !33:3:3 CMP.eq  33:3:8, [33:3:7], 33:3:5
    !33:3:3 MAP.or  33:1:2, 33:1:2*1, 33:3:8
    ?33:3:3 CMP.ne  33:1:2, #0, #0
