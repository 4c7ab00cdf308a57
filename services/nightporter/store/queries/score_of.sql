-- Purpose: how strange a login was when its night was scored. Grain: one row, none when it was not scored.
-- Reader: nightly/single.py.
SELECT night, model_run, score, rarity
FROM scores FINAL
WHERE event_id = {event_id:String} AND night = {night:Date}
