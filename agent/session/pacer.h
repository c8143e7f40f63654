/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * EaPacer: news that come by the thousand are told a few times a second. The first is told at once, and what
 * comes within %EA_PACER_INTERVAL_MS after that is told together when they are over.
 */

#define EA_PACER_INTERVAL_MS 250

typedef void (*EaPacerFunc) (gpointer user_data);

/* A plain struct; its members are private. */
typedef struct
{
  EaPacerFunc tell;
  gpointer user_data;
  guint source; /* of the pause; 0: there is none */
  gboolean is_due;
} EaPacer;

/* @func must not end the pacer's owner. */
void ea_pacer_init (EaPacer *self, EaPacerFunc func, gpointer user_data);

/* What is due is not told any more. */
void ea_pacer_clear (EaPacer *self);

/* There are news. */
void ea_pacer_note (EaPacer *self);

G_END_DECLS
