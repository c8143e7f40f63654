/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/bytes.h"
#include "core/cat-object.h"

/*
 * Which data objects belong into a proactive command, a TERMINAL RESPONSE or an ENVELOPE, and what each of
 * them is there for. One table for each such message (core/cat-command.h, core/cat-response.h); one walk
 * for all of them.
 */

/* Columns "M/O/C" of the standard's tables. */
typedef enum
{
  EA_CAT_MANDATORY,
  EA_CAT_OPTIONAL,
  EA_CAT_CONDITIONAL,
} EaCatPresence;

/* What an object is there for, where that is not plain from its tag. */
typedef enum
{
  EA_CAT_ROLE_ONLY,
  EA_CAT_ROLE_LIST,        /* one of any number */
  EA_CAT_ROLE_CALL_SET_UP, /* SET UP CALL: of this phase; the first ones are of the confirmation */
  EA_CAT_ROLE_CALLED,      /* OPEN CHANNEL: the number to call for a circuit switched bearer */
  EA_CAT_ROLE_GATEWAY,     /* LAUNCH BROWSER: gateway or proxy identity */
  EA_CAT_ROLE_LOGIN,
  EA_CAT_ROLE_PASSWORD,
  EA_CAT_ROLE_LOCAL_ADDRESS,
  EA_CAT_ROLE_DESTINATION_ADDRESS,
  EA_CAT_ROLE_POLL_INTERVAL,
  EA_CAT_ROLE_RECEIVED,     /* TERMINAL RESPONSE: data from the channel's buffer */
  EA_CAT_ROLE_AVAILABLE,    /* TERMINAL RESPONSE: data that wait in it, or the room in it */
  EA_CAT_ROLE_CALL_CONTROL, /* TERMINAL RESPONSE: result of the action that call control asked for */
  EA_CAT_ROLE_SECOND,       /* ENVELOPE: the second of two that the standard numbers */
} EaCatRole;

typedef struct
{
  EaCatTag tag;
  EaCatPresence presence;
  EaCatRole role;
} EaCatSlot;

/**
 * EaCatLayout:
 * @name: the standard's name of the message
 * @clause: where its structure is
 * @slots: in the standard's order; without command details, device identities and result
 */
typedef struct
{
  const char *name;
  const char *clause;
  const EaCatSlot *slots;
  gsize n_slots;
} EaCatLayout;

/**
 * EaCatObject:
 * @tlv: the object as it was read
 * @tag: an EaCatTag, resolved where several objects have one tag; the tag that was read when it is not known
 * @slot: (nullable): its place in the layout; %NULL for an object that does not belong into the message, or
 *   is there once too often
 */
typedef struct
{
  EaTlv tlv;
  guint32 tag;
  const EaCatSlot *slot;
} EaCatObject;

/* Slots that a layout may have. */
#define EA_CAT_LAYOUT_SLOTS_MAX 32

/* TRUE when a message of this layout may have such an object at all. */
gboolean ea_cat_layout_has_slot (const EaCatLayout *layout, EaCatTag tag, EaCatRole role);

/* A walk through the objects of one message. */
typedef struct
{
  const EaCatLayout *layout;
  EaReader reader;
  guint32 used; /* one bit for each slot */
  gboolean has_transport;
} EaCatWalk;

/* @layout: (nullable): %NULL when the message is not known: then no object has a slot. */
void ea_cat_walk_init (EaCatWalk *walk, const EaCatLayout *layout, EaSpan objects);

/* FALSE at the end, or at an object that can't be read: check the sequence before. */
gboolean ea_cat_walk_next (EaCatWalk *walk, EaCatObject *out);

/* TRUE when @objects are COMPREHENSION-TLVs to the end; errors of ea_tlv_read_comprehension(). */
gboolean ea_cat_check_sequence (EaSpan objects, GError **error);

/**
 * ea_cat_layout_check:
 * @is_partial: (out): objects were there that are not understood and need not be, or once too often;
 *   untouched on failure
 *
 * Errors: those of ea_tlv_read_comprehension(); EA_CORE_ERROR_MISSING (a mandatory object is absent),
 * _MALFORMED (an object whose comprehension is required has a tag that no object here has): TS 102 223
 * §6.10.
 */
gboolean ea_cat_layout_check (const EaCatLayout *layout, EaSpan objects, gboolean *is_partial,
                              GError **error);
