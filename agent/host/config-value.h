/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "host/config-key.h"

/* Values of the configuration, by their kinds. */

/* (transfer full) (nullable): what is wrong with @value, for people; %NULL: it is good */
char *ea_config_value_check (const EaConfigKey *key, const char *value);

/* The position of @value among the words of @key; -1: it is none of them */
int ea_config_value_find_word (const EaConfigKey *key, const char *value);

/* (transfer full): the elements of a list, without those that are empty. */
GStrv ea_config_value_split (const char *value);

/* (transfer full) (nullable): what is wrong with the first wrong one of ranges of addresses */
char *ea_config_value_check_ranges (const char *value);
