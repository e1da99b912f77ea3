; Ranked premises for a goal by RETRIEVE, found again by a scan before they are believed; then statements like it.
.block main
    RETRIEVE 1:0:0, '(wi wph (wi wps wph)), #3
    READK    1:2:0, "ax-1", 1:0:0*10            ; ax-1 is among them
    CMP.eq   1:3:0, 1:2:0, #1
    !1:3:0 HALT #1
    RETRIEVE.neighbour 2:0:0, '(wi wph (wi wps wch)), #5
    HALT     #0
