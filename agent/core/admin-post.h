/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/admin.h"
#include "core/http-request.h"

/* The POSTs of an administration session: what they say, and their bytes. Only core/admin includes this. */

/**
 * EaAdminPost:
 * @status: of the script that it answers
 * @has_body: @answers go with it: a response script of indefinite length, which is sent in @format
 * @is_rfm: the body is of the type that ETSI has for remote file management
 *
 * What is POSTed, until what the server answers was carried out; so it may be POSTed again.
 */
typedef struct
{
  char *uri;
  EaAdminStatus status;
  gboolean has_body;
  gboolean is_rfm;
  EaScriptFormat format;
  GByteArray *answers;
} EaAdminPost;

void ea_admin_post_init (EaAdminPost *self, const char *uri);
void ea_admin_post_clear (EaAdminPost *self);

/* Another POST, without a body. */
void ea_admin_post_set (EaAdminPost *self, const char *uri, EaAdminStatus status);

/* @answers: (transfer full) */
void ea_admin_post_set_body (EaAdminPost *self, GByteArray *answers, EaScriptFormat format,
                             gboolean is_rfm);

/* Fails when @uri can't stand in a request. */
gboolean ea_admin_check_uri (const char *uri, GError **error);

/**
 * EaAdminOutput:
 * @is_open: a POST is being written
 * @frame: @parts: its body: what its format puts in front, and what is borrowed from the answers
 *
 * The bytes of one POST.
 */
typedef struct
{
  gboolean is_open;
  EaHttpRequest request;
  EaWriter frame;
  EaSpan parts[2];
} EaAdminOutput;

void ea_admin_output_clear (EaAdminOutput *self);

/**
 * ea_admin_output_begin:
 * @post: its answers may not change before the output is closed
 * @writer: gets the head
 *
 * Errors: those of ea_http_request_begin() and ea_script_frame_response().
 */
gboolean ea_admin_output_begin (EaAdminOutput *self, const EaAdminPost *post,
                                const EaAdminOptions *options, gboolean is_resumed,
                                EaWriter *writer, GError **error);

/* Writes the next piece of the body; with the last one the POST is whole and the output closed. */
void ea_admin_output_write (EaAdminOutput *self, EaWriter *writer);
