; SATCHECK.rational by Level-0 opcodes: clauses in 1:0:0*256; 2:0:0 atoms in 3:0:0 …, each of 2:0:1 coefficients and a bound
; (0 and 0 without atoms). As SATCHECK 16:0:0, 1:0:0*256, 3:0:0*…, #columns, but for the values of the unknowns: by truth
; table, variable 1 changes last, false before true; the atoms as they then hold or not by Fourier–Motzkin elimination.
; At most 16 variables (else status 2) and 13 unknowns; status 1 where a number passes 64 bits.
.block main
    CMP             32:0:7, #0, #0                  ; the last child ended well
    MOV             32:0:0, #0
    SCAN            32:0:1, 32:0:0*1, #0            ; 32:0:2: a ref to 32:0:0, from which all others are reckoned
    MOV             33:0:2, 2:0:0                   ; number of variables
    REDUCE.count    33:0:0, 1:0:0*256
    CMP.gt          33:0:1, 33:0:0, #0
    ?33:0:1 SPAWN   32:0:7, %variables, #100
    !32:0:7 HALT    #1
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

.block variables
    REDUCE.max      33:0:3, 1:0:0*256
    CMP.lt          33:0:4, 33:0:2, 33:0:3
    ?33:0:4 MOV     33:0:2, 33:0:3
    REDUCE.min      33:0:3, 1:0:0*256
    MAP.neg         33:0:3, 33:0:3*1
    CMP.lt          33:0:4, 33:0:2, 33:0:3
    ?33:0:4 MOV     33:0:2, 33:0:3

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
    ?33:1:4 SPAWN   32:0:7, %feasible, #10000000
    !32:0:7 HALT    #1
    ?33:1:4 MOV     33:1:4, 36:3:0
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

; 36:3:0: do the atoms hold together as the variables say? Rows of 16 slots from 64:0:0 on: coefficients, at 14 the bound, at
; 15 a positive number if the row is strict; 36:0:1 the first row of the list at hand, 36:0:0 the slot behind it
.block feasible
    CMP             36:3:0, #0, #0
    MAP.add         36:0:0, 32:0:2*1, #8192
    MOV             36:0:1, 36:0:0
    MOV             36:0:2, #0                      ; atom
    MAP.sub         36:0:3, 32:0:2*1, #7424         ; at 3:0:0
    MAP.add         36:0:4, 32:0:2*1, #4097         ; at its variable's value
    CMP.lt          36:0:5, 36:0:2, 2:0:0
    SPAWN.while     32:0:7, %atom, #100000, 36:0:5
    !32:0:7 HALT    #1
    MOV             36:1:0, 2:0:1                   ; unknowns left
    CMP.gt          36:1:1, 36:1:0, #0
    SPAWN.while     32:0:7, %eliminate, #10000000, 36:1:1
    !32:0:7 HALT    #1
    CMP.lt          36:2:1, 36:0:1, 36:0:0
    SPAWN.while     32:0:7, %consistent, #100000, 36:2:1
    !32:0:7 HALT    #1

; the atom, or its complement turned round
.block atom
    MOV             36:0:7, [36:0:4]
    MOV             36:0:6, #1
    !36:0:7 MOV     36:0:6, #-1
    MOV             36:0:8, 36:0:0
    MOV             36:0:9, #16
    CMP.gt          36:0:10, 36:0:9, #0
    SPAWN.while     32:0:7, %zero, #100, 36:0:10
    !32:0:7 HALT    #1
    MOV             36:0:8, 36:0:0
    MOV             36:0:9, 2:0:1
    CMP.gt          36:0:10, 36:0:9, #0
    SPAWN.while     32:0:7, %entry, #1000, 36:0:10
    !32:0:7 HALT    #1
    MAP.add         36:0:8, 36:0:0*1, #14
    MAP.mul         [36:0:8], [36:0:3]*1, 36:0:6
    MAP.add         36:0:8, 36:0:0*1, #15
    !36:0:7 MOV     [36:0:8], #1
    MAP.add         36:0:0, 36:0:0*1, #16
    MAP.add         36:0:2, 36:0:2*1, #1
    MAP.add         36:0:3, 36:0:3*1, #1
    MAP.add         36:0:4, 36:0:4*1, #1
    CMP.lt          36:0:5, 36:0:2, 2:0:0

.block zero
    MOV             [36:0:8], #0
    MAP.add         36:0:8, 36:0:8*1, #1
    MAP.sub         36:0:9, 36:0:9*1, #1
    CMP.gt          36:0:10, 36:0:9, #0

.block entry
    MAP.mul         [36:0:8], [36:0:3]*1, 36:0:6
    MAP.add         36:0:8, 36:0:8*1, #1
    MAP.add         36:0:3, 36:0:3*1, #1
    MAP.sub         36:0:9, 36:0:9*1, #1
    CMP.gt          36:0:10, 36:0:9, #0

; the last unknown goes: rows without it stay, each upper bound meets each lower one
.block eliminate
    MAP.sub         36:1:0, 36:1:0*1, #1
    MOV             36:1:2, 36:0:1                  ; at row
    MOV             36:1:3, 36:0:0                  ; end of the old list, begin of the new one
    CMP.lt          36:1:4, 36:1:2, 36:1:3
    SPAWN.while     32:0:7, %upper, #10000000, 36:1:4
    !32:0:7 HALT    #1
    MOV             36:0:1, 36:1:3
    CMP.gt          36:1:1, 36:1:0, #0

.block upper
    MAP.add         36:1:5, 36:1:2*1, 36:1:0
    MOV             36:1:6, [36:1:5]
    CMP.eq          36:1:7, 36:1:6, #0
    ?36:1:7 MAP     [36:0:0], [36:1:2]*16
    ?36:1:7 MAP.add 36:0:0, 36:0:0*1, #16
    CMP.gt          36:1:7, 36:1:6, #0
    ?36:1:7 SPAWN   32:0:7, %partners, #1000000
    !32:0:7 HALT    #1
    MAP.add         36:1:2, 36:1:2*1, #16
    CMP.lt          36:1:4, 36:1:2, 36:1:3

.block partners
    MOV             37:0:0, 36:0:1
    CMP.lt          37:0:1, 37:0:0, 36:1:3
    SPAWN.while     32:0:7, %lower, #1000000, 37:0:1
    !32:0:7 HALT    #1

.block lower
    MAP.add         37:0:2, 37:0:0*1, 36:1:0
    MOV             37:0:3, [37:0:2]
    CMP.lt          37:0:4, 37:0:3, #0
    ?37:0:4 SPAWN   32:0:7, %meet, #1000
    !32:0:7 HALT    #1
    MAP.add         37:0:0, 37:0:0*1, #16
    CMP.lt          37:0:1, 37:0:0, 36:1:3

; upper row · −(lower's coefficient) + lower row · upper's coefficient
.block meet
    MAP.neg         37:1:0, 37:0:3*1
    MAP.mul         49:0:0, [36:1:2]*16, 37:1:0
    MAP.mul         49:1:0, [37:0:0]*16, 36:1:6
    MAP.add         37:1:1, 32:0:2*1, #4352         ; at 49:0:0
    MAP.add         37:1:2, 32:0:2*1, #4368         ; at 49:1:0
    MOV             37:1:3, #16
    CMP.gt          37:1:4, 37:1:3, #0
    SPAWN.while     32:0:7, %sum, #200, 37:1:4
    !32:0:7 HALT    #1

.block sum
    MAP.add         [36:0:0], [37:1:1]*1, [37:1:2]
    MAP.add         36:0:0, 36:0:0*1, #1
    MAP.add         37:1:1, 37:1:1*1, #1
    MAP.add         37:1:2, 37:1:2*1, #1
    MAP.sub         37:1:3, 37:1:3*1, #1
    CMP.gt          37:1:4, 37:1:3, #0

; what is left says 0 ≤ bound, or 0 < bound
.block consistent
    MAP.add         36:2:2, 36:0:1*1, #14
    MAP.add         36:2:3, 36:0:1*1, #15
    CMP.eq          36:2:4, [36:2:2], #0
    CMP.gt          36:2:5, [36:2:3], #0
    MAP.and         36:2:4, 36:2:4*1, 36:2:5
    CMP.lt          36:2:5, [36:2:2], #0
    MAP.or          36:2:4, 36:2:4*1, 36:2:5
    ?36:2:4 CMP.ne  36:3:0, #0, #0
    ?36:2:4 HALT    #0
    MAP.add         36:0:1, 36:0:1*1, #16
    CMP.lt          36:2:1, 36:0:1, 36:0:0
