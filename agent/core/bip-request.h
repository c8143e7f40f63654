/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "core/cat-channel.h"

/**
 * EaBipRequest:
 * @open: the parameters of the OPEN CHANNEL; its spans live as long as the request
 * @buffer_size: bytes of the receive buffer and of the transmit buffer, as granted; @open has what was
 *   asked for
 * @access_name: with dots, "" for the default one
 * @login: @password: UTF-8, "" for none
 *
 * All that a link has to know about its channel. Shared and immutable: ea_bip_request_ref() and _unref().
 */
typedef struct
{
  EaCatOpenChannel open;
  guint16 buffer_size;
  char *access_name;
  char *login;
  char *password;
  GBytes *objects;
} EaBipRequest;

EaBipRequest *ea_bip_request_ref (EaBipRequest *request);
void ea_bip_request_unref (EaBipRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EaBipRequest, ea_bip_request_unref)

/**
 * ea_bip_request_new:
 * @command: an OPEN CHANNEL; copied
 * @buffer_size_max: bytes; more is not granted, and this is granted to a card that asks for 0
 *
 * Returns: (transfer full) (nullable): the request
 *
 * Errors: those of ea_cat_parse_open_channel(); EA_CORE_ERROR_MALFORMED, _TRUNCATED and _UNSUPPORTED also
 * for an access name, login or password that is no text.
 */
EaBipRequest *ea_bip_request_new (const EaCatCommand *command, guint16 buffer_size_max,
                                  GError **error);

/* UICC in server mode: the terminal listens, and peers connect. */
gboolean ea_bip_request_is_server (const EaBipRequest *request);

/* Datagrams, whose boundaries are kept. */
gboolean ea_bip_request_is_datagram (const EaBipRequest *request);
