$( A wrong proof, and what it would prove; both are searched anew. $)
wrong $p |- ph $= wph wph wi $.
follows $p |- -. ( ph -> ph ) $= wph wph wi wn wrong $.
