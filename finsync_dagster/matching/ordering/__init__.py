"""Purchase orders with what arrived: availability of receipts, agreed charges and deliveries."""
