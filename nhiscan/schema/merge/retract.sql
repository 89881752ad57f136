-- A version that this very moment wrote and took back never held.
DELETE FROM {table} WHERE valid_to = $at AND valid_from = $at
