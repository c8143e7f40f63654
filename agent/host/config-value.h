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

/* FALSE, and @seconds is untouched, when @value is no span of time. */
gboolean ea_config_value_parse_time (const char *value, guint64 *seconds);

/* FALSE when @name is neither a host name (RFC 1035 §2.3: at most 253 characters, labels of at most 63) nor an
 * address. */
gboolean ea_config_value_is_host (const char *name);

/* (transfer full) (nullable): what is wrong with the first wrong one of ranges of addresses */
char *ea_config_value_check_ranges (const char *value);

/* (transfer full) (nullable): what is wrong with the first wrong one of servers */
char *ea_config_value_check_servers (const char *value);

/* (transfer full) (element-type GInetSocketAddress): @value was checked; @port: of those that say none */
GPtrArray *ea_config_value_parse_servers (const char *value, guint16 port);
