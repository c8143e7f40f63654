/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/*
 * The configuration, euicc-agent.conf(5): /etc/euicc-agent/agent.conf and its drop-ins, later ones win.
 * Every section and key is known by a table; anything else is a problem that names file, line and key.
 */

typedef struct _EaConfig EaConfig;

/**
 * ea_config_load:
 * @path: (nullable): the only file to read; %NULL: the usual ones, where none has to be there
 * @problems: (element-type utf8): gets a sentence "FILE:LINE: …" for each problem
 *
 * Returns: (transfer full) (nullable): %NULL when there is a problem
 */
EaConfig *ea_config_load (const char *path, GPtrArray *problems);
void ea_config_free (EaConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaConfig, ea_config_free)

/**
 * ea_config_get:
 * @section: such as "modem"
 * @instance: (nullable): what "[modem GLOB]" is matched against, a device path; of the section "sm-sr" what NAME of
 *   "[sm-sr NAME]" is, without regard to case: the host of a server
 * @key: a key that the table has
 *
 * Returns: (transfer none): the value, checked, or its default
 */
const char *ea_config_get (const EaConfig *self, const char *section, const char *instance,
                           const char *key);

/* The position of the value among the words that the key allows, from 0. */
guint ea_config_get_choice (const EaConfig *self, const char *section, const char *instance,
                            const char *key);

/* The value of a key that is a number; 0: it was left empty. */
guint ea_config_get_number (const EaConfig *self, const char *section, const char *instance,
                            const char *key);

/* The value of a key that is a span of time, in seconds; 0: "off". */
guint ea_config_get_time_s (const EaConfig *self, const char *section, const char *instance,
                            const char *key);

/* (transfer full) (element-type GInetSocketAddress): of a key that is a list of servers; @port: of those that say none */
GPtrArray *ea_config_get_servers (const EaConfig *self, const char *section, const char *instance,
                                  const char *key, guint16 port);

/* (transfer full): the elements of a key that is a list separated by semicolons. */
GStrv ea_config_get_list (const EaConfig *self, const char *section, const char *key);

/* Sets a value from the command line; FALSE with @error when the key does not allow it. */
gboolean ea_config_override (EaConfig *self, const char *section, const char *key,
                             const char *value, GError **error);
