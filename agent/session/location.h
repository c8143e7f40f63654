/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/cat-event.h"
#include "modem/modem.h"

G_BEGIN_DECLS

/*
 * Where the modem is, from its words to those of the toolkit: TS 102 223 §8.19, §8.27 and §8.61, TS 31.111
 * §8.91 to §8.99.
 */

/* The words of TS 102 223 §8.61 that matter here. */
#define EA_LOCATION_GSM 0x00
#define EA_LOCATION_UTRAN 0x03
#define EA_LOCATION_EUTRAN 0x08
#define EA_LOCATION_NG_RAN 0x0A

EaCatService ea_location_get_service (EaModemService service);

/**
 * ea_location_build:
 *
 * Returns: (transfer full) (nullable): the value of location information; %NULL when not even the network's
 *   identity and the area are known
 */
GBytes *ea_location_build (const EaModemNetwork *network);

/* (transfer full) (nullable): the envelope of the event location status */
GBytes *ea_location_build_status (const EaModemNetwork *network);

/* (transfer full) (nullable): the envelope of the event network rejection; %NULL when it is not known whose
 * area it was */
GBytes *ea_location_build_rejection (const EaModemRejection *rejection);

G_END_DECLS
