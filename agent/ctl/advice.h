/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The next step after an error of the agent's, or of the bus. */

/* (nullable): static; @name: with or without "org.euicc.Agent1.Error."; %NULL: there is none to give */
const char *ea_advice_get (const char *name);

/* (transfer none): @name without "org.euicc.Agent1.Error." */
const char *ea_advice_get_bare_name (const char *name);

/* What D-Bus says of an agent that can't be talked to becomes what one has to do; other errors stay as they are. */
void ea_advice_explain_bus (GError **error);

/* An error of the call of @method gets the agent's sentence as its message, and the advice behind it. */
void ea_advice_add (const char *method, GError **error);
