; A logic puzzle solved by SATCHECK. Each islander always tells the truth (knight) or always lies. Ada: "Ben and I are not
; both knights." Ben: "Ada or Cleo is a liar." Cleo: "Exactly one of us three is a liar."
; Variables: 1 Ada, 2 Ben, 3 Cleo is a knight. x says s: x and s are both true or both false. Clauses end with 0.
.block main
    MOV     1:0:0, #1                   ; Ada (¬1 ∨ ¬2) ↔ 1: 1 → ¬2, and ¬1 → (1 ∧ 2), which is 1
    MOV     1:0:1, #0
    MOV     1:0:2, #-1
    MOV     1:0:3, #-2
    MOV     1:0:4, #0
    MOV     1:0:5, #-2                  ; Ben (¬1 ∨ ¬3) ↔ 2: 2 → ¬1 ∨ ¬3
    MOV     1:0:6, #-1
    MOV     1:0:7, #-3
    MOV     1:0:8, #0
    MOV     1:0:9, #2                   ; ¬2 → 1, ¬2 → 3
    MOV     1:0:10, #1
    MOV     1:0:11, #0
    MOV     1:0:12, #2
    MOV     1:0:13, #3
    MOV     1:0:14, #0
    MOV     1:1:0, #-3                  ; Cleo: 3 → exactly one liar. Two of three are knights,
    MOV     1:1:1, #1
    MOV     1:1:2, #2
    MOV     1:1:3, #0
    MOV     1:1:4, #-3                  ; and not all three
    MOV     1:1:5, #-1
    MOV     1:1:6, #-2
    MOV     1:1:7, #0
    MOV     1:1:8, #3                   ; ¬3 → not exactly one liar: not (1 ∧ 2), since 3 would be the one
    MOV     1:1:9, #-1
    MOV     1:1:10, #-2
    MOV     1:1:11, #0
    SATCHECK 2:0:0, 1:0:0*32            ; 1: there is an answer; 2:0:1 … who is a knight
    CMP     2:1:0, 2:0:0, #1
    !2:1:0 HALT #1
    MOV     1:2:0, #-1                  ; is there another answer than "Ada and Cleo are knights, Ben is a liar"?
    MOV     1:2:1, #2
    MOV     1:2:2, #-3
    MOV     1:2:3, #0
    SATCHECK 3:0:0, 1:0:0*64            ; 0: no, and the trace has the refutation
    CMP     3:1:0, 3:0:0, #0
    !3:1:0 HALT #2
    ; Coins: eleven of them, worth 2 and 5, make 43. 2x + 5y = 43, x + y = 11, x and y integers, not negative.
    MOV     4:0:0, #2                   ; atom 1: 2x + 5y ≤ 43
    MOV     4:0:1, #5
    MOV     4:0:2, #43
    MOV     4:0:3, #-2                  ; atom 2: −2x − 5y ≤ −43
    MOV     4:0:4, #-5
    MOV     4:0:5, #-43
    MOV     4:0:6, #1                   ; atom 3: x + y ≤ 11
    MOV     4:0:7, #1
    MOV     4:0:8, #11
    MOV     4:0:9, #-1                  ; atom 4: −x − y ≤ −11
    MOV     4:0:10, #-1
    MOV     4:0:11, #-11
    MOV     5:0:0, #1                   ; all four hold
    MOV     5:0:1, #0
    MOV     5:0:2, #2
    MOV     5:0:3, #0
    MOV     5:0:4, #3
    MOV     5:0:5, #0
    MOV     5:0:6, #4
    MOV     5:0:7, #0
    SATCHECK.integer 6:0:0, 5:0:0*8, 4:0:0*12, #3   ; 6:0:5 / 6:0:6 is x = 4, 6:0:7 / 6:0:8 is y = 7
    HALT    #0
