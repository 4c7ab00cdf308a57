-- Purpose: what admins asked of the models and how it stands, newest first. Grain: one row per request, at most 20.
-- Readers: store/models.py (the console and whoever runs the nights).
SELECT id, asked, who, run, reason, state, text
FROM
(
    SELECT id, min(at) AS asked, argMin(who, at) AS who, argMin(model_choices.run, at) AS run, argMin(model_choices.text, at) AS reason,
        argMax(model_choices.state, at) AS state, argMax(model_choices.text, at) AS text
    FROM model_choices
    GROUP BY id
)
ORDER BY asked DESC, id ASC
LIMIT 20
