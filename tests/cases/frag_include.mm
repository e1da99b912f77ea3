$[ /etc/passwd $]
u $p |- ( ph -> ph ) $= ? $.
