-- Purpose: merged login events as the contract shows them, ordered; empty {users} or {hosts} mean all.
-- Grain: one row per event. Readers: `nightporter events`, explain, the console's search.
-- systemd-logind writes "New session N of user U" right after PAM opened the session. It is linked here, at reading time: within a burst
-- (no pause over 5 s) of one user on one host, in order if there are as many new sessions as logins, else each to the login just before it.
WITH
announced AS
(
    SELECT DISTINCT host, user, time, session
    FROM entries
    WHERE service = 'logind' AND kind = 'logind_new'
        AND time >= {since:DateTime64(6, 'UTC')} - INTERVAL 10 MINUTE AND time < {until:DateTime64(6, 'UTC')} + INTERVAL 1 DAY
        AND (empty({users:Array(String)}) OR has({users:Array(String)}, user)) AND (empty({hosts:Array(String)}) OR has({hosts:Array(String)}, host))
),
burst AS
(
    SELECT *,
        sum(pause) OVER (PARTITION BY host, user ORDER BY time ASC, session ASC, event_id ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS nth_burst
    FROM
    (
        SELECT *, dateDiff('second', lagInFrame(time, 1, time) OVER (PARTITION BY host, user ORDER BY time ASC, session ASC, event_id ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), time) > 5 AS pause
        FROM
        (
            SELECT host, user, assumeNotNull(session_opened) AS time, '' AS session, event_id
            FROM login_events FINAL
            WHERE isNotNull(session_opened) AND service IN ('sshd', 'login', 'gdm', 'lightdm', 'sddm', 'kdm', 'xdm', 'xrdp', 'cockpit')
                AND start >= {since:DateTime64(6, 'UTC')} - INTERVAL 10 MINUTE AND start < {until:DateTime64(6, 'UTC')} + INTERVAL 10 MINUTE
                AND (host, user) IN (SELECT host, user FROM announced)
            UNION ALL
            SELECT host, user, time, session, '' FROM announced
        )
    )
),
counted AS
(
    SELECT *,
        sum(session = '') OVER within AS logins_so_far,
        sum(session != '') OVER within AS sessions_so_far,
        sum(session = '') OVER (PARTITION BY host, user, nth_burst) AS logins,
        sum(session != '') OVER (PARTITION BY host, user, nth_burst) AS sessions
    FROM burst
    WINDOW within AS (PARTITION BY host, user, nth_burst ORDER BY time ASC, session ASC, event_id ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
linked AS
(
    SELECT login.event_id AS event_id, argMin(new.session, new.time) AS logind_session
    FROM (SELECT * FROM counted WHERE session = '') AS login
    INNER JOIN (SELECT *, if(logins = sessions, sessions_so_far, logins_so_far) AS place FROM counted WHERE session != '') AS new
        ON login.host = new.host AND login.user = new.user AND login.nth_burst = new.nth_burst AND login.logins_so_far = new.place
    GROUP BY event_id
)
SELECT
    event.event_id AS event_id,
    host,
    service,
    nullIf(pid, 0) AS pid,
    start,
    end,
    user,
    target_user,
    source_ip,
    source_port,
    method,
    key_fingerprint,
    outcome,
    invalid_user,
    failures,
    if(service = 'sshd', session_opened, NULL) AS session_opened,
    if(service = 'sshd', session_closed, NULL) AS session_closed,
    tty,
    command,
    entries,
    linked.logind_session AS logind_session
FROM
(
    SELECT *
    FROM login_events FINAL
    WHERE start >= {since:DateTime64(6, 'UTC')} AND start < {until:DateTime64(6, 'UTC')}
        AND (empty({users:Array(String)}) OR has({users:Array(String)}, user)) AND (empty({hosts:Array(String)}) OR has({hosts:Array(String)}, host))
) AS event
LEFT ANY JOIN linked ON event.event_id = linked.event_id
ORDER BY start ASC, host ASC, event_id ASC
