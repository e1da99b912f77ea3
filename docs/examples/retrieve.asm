; Ranked premises for a goal by RETRIEVE, found again by a scan before they are believed; then statements like it.
.block main
    RETRIEVE 1:0:0, '(wi wph (wi wps wph)), #3
    CMP.ge   1:2:0, 1:0:0, #2                   ; there are at least two, three cells each
    !1:2:0 HALT #1
    RETRIEVE.neighbour 2:0:0, '(wi wph (wi wps wch)), #5
    HALT     #0
