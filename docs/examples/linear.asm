; An exact linear system: 2x + y − z = 8, −3x − y + 2z = −11, −2x + y + 2z = −3, and one with a fraction as its answer.
.block main
    MOV     1:0:0, #2                   ; one row: coefficients of x, y, z, right side
    MOV     1:0:1, #1
    MOV     1:0:2, #-1
    MOV     1:0:3, #8
    MOV     1:0:4, #-3
    MOV     1:0:5, #-1
    MOV     1:0:6, #2
    MOV     1:0:7, #-11
    MOV     1:0:8, #-2
    MOV     1:0:9, #1
    MOV     1:0:10, #2
    MOV     1:0:11, #-3
    GAUSSJ  2:0:0, 1:0:0*12, #4         ; rank 3: x = 2, y = 3, z = −1
    CMP     2:1:0, 2:0:0, #3
    !2:1:0 HALT #1
    MOV     3:0:0, #3                   ; u/2 + v/3 = 1 over the denominator 6, and u − v = 1
    MOV     3:0:1, #2
    MOV     3:0:2, #6
    MOV     3:0:3, #1
    MOV     3:0:4, #-1
    MOV     3:0:5, #1
    GAUSSJ  4:0:0, 3:0:0*6, #3          ; rows 5 0 8 and 0 5 3: u = 8/5, v = 3/5
    HALT    #0
