step "First admin"
if compose exec -T console nightporter account list 2>/dev/null | grep -qwE 'viewer|analyst|admin|auditor'; then
    say "there are accounts already; more with: docker compose exec console nightporter account add NAME --role analyst"
else
    compose exec -T console nightporter account add admin --role admin
    say "the password is asked to be changed at the first sign-in"
fi
