/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "modem.h"

/* TLVs that tell the modem's network, for responses and indications of the network access service. */
void sim_nas_write_serving_system (const SimModem *modem, EaWriter *tlvs);
void sim_nas_write_home_network (const SimModem *modem, EaWriter *tlvs);

/* @is_indication: NG-RAN has other types there. */
void sim_nas_write_system_info (const SimModem *modem, gboolean is_indication, EaWriter *tlvs);
void sim_nas_write_rejection (const SimModem *modem, EaWriter *tlvs);

/* Errors: SIM_QMI_INFORMATION_UNAVAILABLE without any network. */
SimQmiError sim_nas_write_cell_location (const SimModem *modem, EaWriter *tlvs);
