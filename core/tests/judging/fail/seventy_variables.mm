$( More than 64 variables in one proof, and a $d that is missing. $)
$c ( ) -> wff |- set E $.
$v p q r x y z $.
wp $f wff p $.
wq $f wff q $.
wr $f wff r $.
vx $f set x $.
vy $f set y $.
vz $f set z $.
wi $a wff ( p -> q ) $.
we $a wff E x y $.
ax1 $a |- ( p -> ( q -> p ) ) $.
ax2 $a |- ( ( p -> ( q -> r ) ) -> ( ( p -> q ) -> ( p -> r ) ) ) $.
${
  min $e |- p $.
  maj $e |- ( p -> q ) $.
  mp $a |- q $.
$}
${
  $d x y $.
  axd $a |- E x y $.
$}
$v u0 u1 u2 u3 u4 u5 u6 u7 u8 u9 u10 u11 u12 u13 u14 u15 u16 u17 u18 u19 u20 u21 u22 u23 u24 u25 u26 u27 u28 u29 u30 u31 u32 u33 u34 u35 u36 u37 u38 u39 u40 u41 u42 u43 u44 u45 u46 u47 u48 u49 u50 u51 u52 u53 u54 u55 u56 u57 u58 u59 u60 u61 u62 u63 u64 u65 u66 u67 u68 u69 $.
f0 $f set u0 $.
f1 $f set u1 $.
f2 $f set u2 $.
f3 $f set u3 $.
f4 $f set u4 $.
f5 $f set u5 $.
f6 $f set u6 $.
f7 $f set u7 $.
f8 $f set u8 $.
f9 $f set u9 $.
f10 $f set u10 $.
f11 $f set u11 $.
f12 $f set u12 $.
f13 $f set u13 $.
f14 $f set u14 $.
f15 $f set u15 $.
f16 $f set u16 $.
f17 $f set u17 $.
f18 $f set u18 $.
f19 $f set u19 $.
f20 $f set u20 $.
f21 $f set u21 $.
f22 $f set u22 $.
f23 $f set u23 $.
f24 $f set u24 $.
f25 $f set u25 $.
f26 $f set u26 $.
f27 $f set u27 $.
f28 $f set u28 $.
f29 $f set u29 $.
f30 $f set u30 $.
f31 $f set u31 $.
f32 $f set u32 $.
f33 $f set u33 $.
f34 $f set u34 $.
f35 $f set u35 $.
f36 $f set u36 $.
f37 $f set u37 $.
f38 $f set u38 $.
f39 $f set u39 $.
f40 $f set u40 $.
f41 $f set u41 $.
f42 $f set u42 $.
f43 $f set u43 $.
f44 $f set u44 $.
f45 $f set u45 $.
f46 $f set u46 $.
f47 $f set u47 $.
f48 $f set u48 $.
f49 $f set u49 $.
f50 $f set u50 $.
f51 $f set u51 $.
f52 $f set u52 $.
f53 $f set u53 $.
f54 $f set u54 $.
f55 $f set u55 $.
f56 $f set u56 $.
f57 $f set u57 $.
f58 $f set u58 $.
f59 $f set u59 $.
f60 $f set u60 $.
f61 $f set u61 $.
f62 $f set u62 $.
f63 $f set u63 $.
f64 $f set u64 $.
f65 $f set u65 $.
f66 $f set u66 $.
f67 $f set u67 $.
f68 $f set u68 $.
f69 $f set u69 $.
${
$d u0 u2 u3 u4 u5 u6 u7 u8 u9 u10 u11 u12 u13 u14 u15 u16 u17 u18 u19 u20 u21 u22 u23 u24 u25 u26 u27 u28 u29 u30 u31 u32 u33 u34 u35 u36 u37 u38 u39 u40 u41 u42 u43 u44 u45 u46 u47 u48 u49 u50 u51 u52 u53 u54 u55 u56 u57 u58 u59 u60 u61 u62 u63 u64 u65 u66 u67 u68 u69 $.
h0 $e |- E u0 u1 $.
h1 $e |- E u1 u2 $.
h2 $e |- E u2 u3 $.
h3 $e |- E u3 u4 $.
h4 $e |- E u4 u5 $.
h5 $e |- E u5 u6 $.
h6 $e |- E u6 u7 $.
h7 $e |- E u7 u8 $.
h8 $e |- E u8 u9 $.
h9 $e |- E u9 u10 $.
h10 $e |- E u10 u11 $.
h11 $e |- E u11 u12 $.
h12 $e |- E u12 u13 $.
h13 $e |- E u13 u14 $.
h14 $e |- E u14 u15 $.
h15 $e |- E u15 u16 $.
h16 $e |- E u16 u17 $.
h17 $e |- E u17 u18 $.
h18 $e |- E u18 u19 $.
h19 $e |- E u19 u20 $.
h20 $e |- E u20 u21 $.
h21 $e |- E u21 u22 $.
h22 $e |- E u22 u23 $.
h23 $e |- E u23 u24 $.
h24 $e |- E u24 u25 $.
h25 $e |- E u25 u26 $.
h26 $e |- E u26 u27 $.
h27 $e |- E u27 u28 $.
h28 $e |- E u28 u29 $.
h29 $e |- E u29 u30 $.
h30 $e |- E u30 u31 $.
h31 $e |- E u31 u32 $.
h32 $e |- E u32 u33 $.
h33 $e |- E u33 u34 $.
h34 $e |- E u34 u35 $.
h35 $e |- E u35 u36 $.
h36 $e |- E u36 u37 $.
h37 $e |- E u37 u38 $.
h38 $e |- E u38 u39 $.
h39 $e |- E u39 u40 $.
h40 $e |- E u40 u41 $.
h41 $e |- E u41 u42 $.
h42 $e |- E u42 u43 $.
h43 $e |- E u43 u44 $.
h44 $e |- E u44 u45 $.
h45 $e |- E u45 u46 $.
h46 $e |- E u46 u47 $.
h47 $e |- E u47 u48 $.
h48 $e |- E u48 u49 $.
h49 $e |- E u49 u50 $.
h50 $e |- E u50 u51 $.
h51 $e |- E u51 u52 $.
h52 $e |- E u52 u53 $.
h53 $e |- E u53 u54 $.
h54 $e |- E u54 u55 $.
h55 $e |- E u55 u56 $.
h56 $e |- E u56 u57 $.
h57 $e |- E u57 u58 $.
h58 $e |- E u58 u59 $.
h59 $e |- E u59 u60 $.
h60 $e |- E u60 u61 $.
h61 $e |- E u61 u62 $.
h62 $e |- E u62 u63 $.
h63 $e |- E u63 u64 $.
h64 $e |- E u64 u65 $.
h65 $e |- E u65 u66 $.
h66 $e |- E u66 u67 $.
h67 $e |- E u67 u68 $.
h68 $e |- E u68 u69 $.
h69 $e |- E u69 u0 $.
big $p |- E u1 u69 $= f1 f69 axd $.
$}
