-- Purpose: what later slices have to know of the slice of run {run} that has just been worked on: the logins that are the last of something
-- (their roles, features/history.py), with the sums that had grown up to them. A login that has lost its last role is written without any.
-- Grain: one login that is of use, or was until now. Reader: queries/features_slice.sql.
INSERT INTO feature_state (run, slice, roles, event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad,
    terminal, steps, network, target, family, hour, after_user, after_source, after_user_host, after_user_hour)
SELECT {run:String}, {slice:UInt32}, last.roles AS held, event_id, start, pid, host, service, user, source_ip, method, key_fingerprint, outcome, invalid_user, good, bad,
    terminal, steps, network, target, family, hour,
    -- who is the last of a user stands for all that the user did, and so on; the others stand for nothing
    if(bitTest(held, 0), after_user, arrayWithConstant(9, 0.)),
    if(bitTest(held, 1), after_source, arrayWithConstant(5, 0.)),
    if(bitTest(held, 2), after_user_host, 0),
    if(bitTest(held, 3), after_user_hour, 0)
FROM feature_rows
LEFT ANY JOIN
(
    SELECT event_id, groupBitOr(role) AS roles
    FROM
    (
        /* the last of each key, by features/history.py */
    )
    GROUP BY event_id
) AS last USING (event_id)
WHERE run = {run:String} AND (held != 0 OR NOT fresh)
