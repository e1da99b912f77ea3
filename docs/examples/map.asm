; Graph reasoning over a small map: towns and roads with their lengths in miles; the shortest way from Aldby to Ferns.
; A town is a text cell, a road an int cell between two towns, linked both ways: to enter it costs its length.
.block main
    MOV     1:0:0, "Aldby"
    MOV     1:0:1, "Brome"
    MOV     1:0:2, "Corley"
    MOV     1:0:3, "Denholm"
    MOV     1:0:4, "Eastry"
    MOV     1:0:5, "Ferns"
    MOV     1:0:6, "Holm Isle"          ; no road leads there
    MOV     1:1:0, #7                   ; Aldby – Brome
    MOV     1:1:1, #9                   ; Aldby – Corley
    MOV     1:1:2, #14                  ; Aldby – Ferns
    MOV     1:1:3, #10                  ; Brome – Corley
    MOV     1:1:4, #15                  ; Brome – Denholm
    MOV     1:1:5, #11                  ; Corley – Denholm
    MOV     1:1:6, #2                   ; Corley – Ferns
    MOV     1:1:7, #6                   ; Denholm – Eastry
    MOV     1:1:8, #9                   ; Eastry – Ferns
    LINK.edge 1:0:0, 1:1:0
    LINK.edge 1:1:0, 1:0:0
    LINK.edge 1:0:1, 1:1:0
    LINK.edge 1:1:0, 1:0:1
    LINK.edge 1:0:0, 1:1:1
    LINK.edge 1:1:1, 1:0:0
    LINK.edge 1:0:2, 1:1:1
    LINK.edge 1:1:1, 1:0:2
    LINK.edge 1:0:0, 1:1:2
    LINK.edge 1:1:2, 1:0:0
    LINK.edge 1:0:5, 1:1:2
    LINK.edge 1:1:2, 1:0:5
    LINK.edge 1:0:1, 1:1:3
    LINK.edge 1:1:3, 1:0:1
    LINK.edge 1:0:2, 1:1:3
    LINK.edge 1:1:3, 1:0:2
    LINK.edge 1:0:1, 1:1:4
    LINK.edge 1:1:4, 1:0:1
    LINK.edge 1:0:3, 1:1:4
    LINK.edge 1:1:4, 1:0:3
    LINK.edge 1:0:2, 1:1:5
    LINK.edge 1:1:5, 1:0:2
    LINK.edge 1:0:3, 1:1:5
    LINK.edge 1:1:5, 1:0:3
    LINK.edge 1:0:2, 1:1:6
    LINK.edge 1:1:6, 1:0:2
    LINK.edge 1:0:5, 1:1:6
    LINK.edge 1:1:6, 1:0:5
    LINK.edge 1:0:3, 1:1:7
    LINK.edge 1:1:7, 1:0:3
    LINK.edge 1:0:4, 1:1:7
    LINK.edge 1:1:7, 1:0:4
    LINK.edge 1:0:4, 1:1:8
    LINK.edge 1:1:8, 1:0:4
    LINK.edge 1:0:5, 1:1:8
    LINK.edge 1:1:8, 1:0:5
    DIJKSTRA.edge 2:0:0, 3:0:0, 4:0:0, 1:0:0*32, 1:0:0
    MOV     5:0:0, 3:0:5                ; the way to Ferns is this long
    MOV     5:0:1, [4:0:5]              ; by the road in 4:0:5, which is this long,
    MOV     5:0:2, 4:0:5
    MAP.add 5:0:3, 5:0:2*1, #768        ; (what stands beside that road in page 4: 3 pages on)
    MOV     5:0:4, [5:0:3]
    MOV     5:0:5, [5:0:4]              ; from this town
    CMP.lt  5:0:6, 3:0:6, #0            ; and Holm Isle cannot be reached
    HALT    #0
