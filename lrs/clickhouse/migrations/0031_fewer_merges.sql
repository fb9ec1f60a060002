-- With few parts there is always one to merge with the greatest: by default a table is written five times over before it has a
-- million rows. Ten at a time write it twice; a page looks at some parts more, which costs it little.
ALTER TABLE statements MODIFY SETTING min_parts_to_merge_at_once = 10;

ALTER TABLE statement_keys MODIFY SETTING min_parts_to_merge_at_once = 10;

ALTER TABLE activity_minutes MODIFY SETTING min_parts_to_merge_at_once = 10;

ALTER TABLE activity_hours MODIFY SETTING min_parts_to_merge_at_once = 10;

ALTER TABLE actor_hours MODIFY SETTING min_parts_to_merge_at_once = 10;

ALTER TABLE verb_minutes MODIFY SETTING min_parts_to_merge_at_once = 10;

ALTER TABLE verbs MODIFY SETTING min_parts_to_merge_at_once = 10;
