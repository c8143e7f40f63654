/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * What stands between the agent and its store in a program that is linked with --wrap=ea_store_commit,
 * --wrap=ea_store_write and --wrap=ea_store_remove. It lets everything through until a test says otherwise.
 */

/* All changes work, and are counted anew. */
void fake_store_reset (void);

/* Changes that were made or failed since then */
guint fake_store_count (void);

/* The next @n_changes fail as on a full disk; G_MAXUINT: all until fake_store_reset(). */
void fake_store_fail (guint n_changes);

/* @function is called when change @number, from 1, is about to be made. */
void fake_store_set_hook (guint number, void (*function) (gpointer user_data), gpointer user_data);
