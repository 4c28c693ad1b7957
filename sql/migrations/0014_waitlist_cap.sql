-- How many the clinic let wait when somebody last joined: so that whoever comes to a full list is refused by the row
-- itself, and it can be counted in the round trip of the commit.

ALTER TABLE waitlist_load ADD COLUMN most integer;
ALTER TABLE waitlist_load ADD CONSTRAINT waitlist_is_full CHECK (waiting <= most);
