; Head 2: may read all pages, but write only page 4. It looks at a figure of the northern road and then changes it.
.block main
    MOV 4:0:0, "first mile"
    MOV 4:0:1, 1:0:0
    MOV 1:0:0, #8                           ; round 3: the mask does not allow this
    HALT #0
