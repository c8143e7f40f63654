/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The next step after an error of the agent's. */

/* (nullable): static; @name: with or without "org.euicc.Agent1.Error."; %NULL: there is none to give */
const char *ea_advice_get (const char *name);

/* A D-Bus error gets the agent's sentence as its message, and the advice behind it. */
void ea_advice_add (GError **error);
