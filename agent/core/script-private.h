/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/script.h"
#include "core/tlv.h"

/* What reading a script whole and reading it in pieces share. */

/* Writes the number of executed commands as the integer in an object 80. */
void ea_script_write_executed (EaWriter *writer, guint32 executed);

/* Bytes after a command of a compact script that show that it is not the last: Le would be one. */
#define EA_SCRIPT_LOOK_AHEAD 2

typedef enum
{
  EA_SCRIPT_TEMPLATE_NONE, /* an APDU, or the number in front of a compact response */
  EA_SCRIPT_TEMPLATE_COMMANDS,
  EA_SCRIPT_TEMPLATE_RESPONSES,
} EaScriptTemplate;

EaScriptTemplate ea_script_get_template (guint8 first);

/* Fails: a template of the other direction. */
gboolean ea_script_fail_template (guint8 first, const guint8 *position, GError **error);

/* Fails when the length in @head is not of the kind that its template has. */
gboolean ea_script_check_template (const EaTlvHead *head, EaScriptFormat *format,
                                   const guint8 *position, GError **error);

/* Fails when the value of an object would be too large, or of a length that is not known. */
gboolean ea_script_check_head (const EaTlvHead *head, const guint8 *position, GError **error);

/* Fails: the value of an object is longer than the @available bytes that its template has left. */
gboolean ea_script_fail_beyond (const EaTlvHead *head, gsize available, const guint8 *position,
                                GError **error);

/**
 * ea_script_cut_command:
 * @rest: what follows the commands before
 * @is_all: nothing comes after @rest
 * @size: (out): of the first command, 0 when more bytes are needed to know it, which @is_all excludes
 *
 * Finds where a command of a compact script ends.
 *
 * Errors: EA_CORE_ERROR_TRUNCATED, only with @is_all.
 */
gboolean ea_script_cut_command (EaSpan rest, gboolean is_all, gsize *size, GError **error);
