$( one
two $)
  ${
  u.1 $e |- ph
     ph $.
  u $p |- ( ps -> ph ) $= ? $.
  $}
