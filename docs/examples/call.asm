; Learned composites by name: a lemma, and a schema with a label hole. Both are carried by the program, with their hashes.
.composite md1 1165ad989df91b78f4a3b00dc3cf2d94784a0a2fe1b562a02dcc72f8175f45cd "{\"label\":\"md1\",\"level\":1,\"after\":\"ax-1\",\"statement\":\"|- ( ps -> ph )\",\"hypotheses\":[\"|- ph\"],\"distinct\":[],\"body\":[{\"label\":\"ax-1\",\"premises\":[]},{\"label\":\"ax-mp\",\"premises\":[-1,0]}],\"size\":2,\"axioms\":[\"ax-1\",\"ax-mp\"]}"
.composite chain c550b2ecd5306daa8b5c0afd54d7f1c600df84a11750be3d6122e44a023b765f "{\"label\":\"chain\",\"level\":2,\"after\":\"\",\"statement\":\"\",\"hypotheses\":[],\"distinct\":[],\"body\":[{\"label\":null,\"premises\":[]},{\"label\":\"ax-2\",\"premises\":[]},{\"label\":\"ax-mp\",\"premises\":[0,1]},{\"label\":\"ax-mp\",\"premises\":[-1,2]}],\"size\":4,\"axioms\":[],\"strategy\":{\"share\":500000,\"millinats\":9,\"uses\":3}}"
.block main
    MOV.goal 1:0:0, '(wi wch (wi wph (wi wps wph)))
    CALL     1:0:1, 1:0:0, @md1         ; the lemma: |- ph => |- ( ps -> ph )
    UNIFY    1:0:1, @ax-1
    ASSERT   2:0:0, 1:0:0

    MOV.goal 1:1:0, '(wi wph wph)
    CALL     1:1:1, 1:1:0, @chain       ; the schema: ax-mp(open, ax-mp(hole, ax-2))
    UNIFY    1:1:1, @ax-1               ; what it leaves open
    UNIFY    '?14, 'wph                 ; nothing has fixed it, any value will do
    ASSERT   2:0:1, 1:1:0
    HALT     #0
