/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Prints one item; @bytes (transfer full) must not be %NULL. */
void emit (const char *transport, const char *name, GBytes *bytes, const char *expected);

/* The items of each kind. */
void emit_profiles (void);
void emit_envelopes (void);
void emit_messages (void);
void emit_commands (void);
void emit_pdus (void);
void emit_connections (void);
