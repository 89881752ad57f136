SELECT EXISTS (FROM {table} WHERE unit = $unit)
